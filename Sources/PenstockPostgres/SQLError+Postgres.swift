import PenstockSQL

/// What a server said when it did not do as it was asked.
struct PostgresFailure {
    /// Five letters and digits that tell what happened; nil when libpq itself gave up.
    let code: String?
    /// The main sentence of it, in the server's language. Details, which show values, are never asked for.
    let message: String
    let constraint: String?
    /// The function of the server's that it comes from.
    var function: String?
    /// Where the server is, for people.
    let place: String

    /// The server had a plan for a statement that has become another since, or has lost the statement.
    var isOfStalePlan: Bool {
        code == "26000" || code == "0A000" && function == "RevalidateCachedQuery"
    }

    /// What the connection does next is sure to fail, or is better done on another.
    var spoilsConnection: Bool {
        switch code {
        // A server that may only be read from: the next connection finds one that may be written to.
        case "25006": true
        case .some: isOfStalePlan
        case nil: true
        }
    }
}

extension SQLError {
    /// The meaning of what the server said.
    init(_ failure: PostgresFailure) {
        let code = failure.code ?? ""
        let place = failure.place
        let said = "\(failure.sentence) (\(code))"
        self =
            switch (code.prefix(2), code) {
            case (_, ""):
                .connectionLost(
                    reason: "The connection to PostgreSQL at \(place) was lost: \(failure.sentence).")
            case _ where failure.isOfStalePlan, (_, "40001"), (_, "40P01"), (_, "72000"):
                .startAnew(reason: "PostgreSQL at \(place) undid the transaction: \(said).")
            case (_, "08P01"):
                .bug(reason: "PostgreSQL was asked wrongly: \(said).")
            case ("08", _), ("58", _), (_, "57P01"), (_, "57P02"), (_, "57P03"), (_, "57P05"), (_, "25P03"),
                (_, "40003"):
                .connectionLost(reason: "PostgreSQL at \(place) ended the connection: \(said).")
            case (_, "55P03"), (_, "57014"), (_, "55006"):
                .contention(reason: "Others kept PostgreSQL at \(place) busy for too long: \(said).")
            case (_, "53300"):
                .contention(reason: "PostgreSQL at \(place) has no connection left for us: \(said).")
            case (_, "23505"):
                .duplicate(key: failure.constraint ?? "key")
            case (_, "25006"):
                .refused(reason: "PostgreSQL at \(place) may only be read from, as a standby: \(said).")
            case (_, "XX001"), (_, "XX002"):
                .refused(
                    reason:
                        "The data of PostgreSQL at \(place) is damaged: \(said). Restore it from a backup.")
            case ("28", _), ("3D", _), ("3F", _), ("53", _), ("55", _), ("57", _), (_, "42501"):
                .refused(reason: "PostgreSQL at \(place) refuses this: \(said).")
            case ("54", _), ("P0", _), (_, "22021"), (_, "22P05"):
                .unfit(reason: "PostgreSQL at \(place) refuses this: \(said).")
            default:
                .bug(reason: "PostgreSQL cannot do this: \(said).")
            }
    }
}

extension PostgresFailure {
    /// The server's sentence, without a full stop; our own where theirs may hold a value that was bound.
    fileprivate var sentence: String {
        let code = code ?? ""
        if let sentence = Self.unsaid[code] { return sentence }
        if code.hasPrefix("22") { return "a value does not suit the statement" }
        if code.hasPrefix("P0") { return "a function or trigger of the database raised an error" }
        return message.hasSuffix(".") ? String(message.dropLast()) : message
    }

    private static let unsaid = [
        "22001": "a text is too long for its column",
        "22003": "a number is out of the range of its column",
        "22007": "a value is no date or time",
        "22008": "a date or time is out of range",
        "22012": "a number was divided by zero",
        "22021": "a text is not UTF-8, or holds a character that the database's encoding lacks",
        "22P02": "a text cannot be read as the type of its column",
        "22P03": "bytes cannot be read as the type of their column",
        "22P05": "a text holds a character that the database's encoding lacks",
    ]
}

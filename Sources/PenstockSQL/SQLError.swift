/// Why a database did not do what it was asked. Reasons are whole sentences for people, and never hold bound values.
///
/// Each case says what is to be done: ask again, start the transaction anew, give up, or mend the program.
package enum SQLError: Error, Hashable, Sendable {
    /// The connection broke, or the disk failed. Whether the transaction took effect is unknown; it may be asked for again.
    case connectionLost(reason: String)
    /// Others held what was needed for too long. Nothing was changed; the same may be asked for again.
    case contention(reason: String)
    /// The database undid the whole transaction to get itself out of a conflict: start it anew from its first statement.
    case startAnew(reason: String)
    /// A row with this key is there already. Nothing was changed.
    case duplicate(key: String)
    /// A command changed another number of rows than it has to; which, not every database tells. Nothing was changed.
    case unmet(expected: Int, changed: Int?)
    /// The database cannot or may not do this until somebody changes something about it. Nothing was changed.
    case refused(reason: String)
    /// The database will not take these values: they are too large, or not what it can keep. Nothing was changed.
    case unfit(reason: String)
    /// A column holds something else than was asked for. Nothing was changed.
    case unreadable(reason: String)
    /// The statement or its values are wrong: a fault of this program. Nothing was changed.
    case bug(reason: String)
}

extension SQLError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .connectionLost(let reason), .contention(let reason), .startAnew(let reason),
            .refused(let reason), .unfit(let reason),
            .unreadable(let reason), .bug(let reason):
            reason
        case .duplicate(let key): "A row with this \(key) is there already."
        case .unmet(let expected, let changed):
            "A statement was to change \(expected) rows, and would have changed \(changed.map(String.init) ?? "others")."
        }
    }
}

import CPenstockPostgres
import PenstockSQL

extension PostgresFailure {
    init(of result: PostgresResult, at place: String) {
        self.init(
            code: result.field(PENSTOCK_PG_SQLSTATE),
            message: result.field(PENSTOCK_PG_MESSAGE) ?? Self.firstLine(of: result.wording),
            constraint: result.field(PENSTOCK_PG_CONSTRAINT), function: result.field(PENSTOCK_PG_FUNCTION),
            place: place)
    }

    /// libpq adds hints and positions in further lines.
    static func firstLine(of wording: String) -> String {
        wording.split(separator: "\n").first.map(String.init) ?? "no reason was given"
    }

    /// What the server calls a thing by: more of a text it does not repeat.
    private static let longestName = 63

    /// The same with those values taken out that the server took for names.
    func keeping(secret values: [SQLValue]) -> PostgresFailure {
        var message = message
        for text in values.compactMap(Self.text) where text.utf8.count > 1 {
            for part in [text, String(decoding: text.utf8.prefix(Self.longestName), as: UTF8.self)] {
                message = message.split(separator: part, omittingEmptySubsequences: false).joined(
                    separator: "…")
            }
        }
        return PostgresFailure(
            code: code, message: message, constraint: constraint, function: function, place: place)
    }

    private static func text(of value: SQLValue) -> String? {
        switch value {
        case .text(let text): text
        case .utf8(let bytes): String(decoding: bytes, as: UTF8.self)
        default: nil
        }
    }
}

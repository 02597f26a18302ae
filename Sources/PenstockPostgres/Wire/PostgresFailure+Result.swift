import CPenstockPostgres

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
}

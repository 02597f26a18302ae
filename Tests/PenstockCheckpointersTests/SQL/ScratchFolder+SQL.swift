/// Plain SQL on the file, as another program would run it.
extension ScratchFolder {
    func script(_ sql: String) async throws {
        try await SQLPlace.sqlite(in: self).script(sql)
    }

    /// The answer as texts; NULL is `NULL`.
    func query(_ sql: String) async throws -> [[String]] {
        try await SQLPlace.sqlite(in: self).query(sql)
    }
}

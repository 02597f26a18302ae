import PenstockSQL
import PenstockSQLite

/// Plain SQL on the file, as another program would run it.
extension ScratchFolder {
    func script(_ sql: String) async throws {
        let database = try await SQLiteDatabase.open(at: file)
        do {
            try await database.write { connection throws(SQLError) in try connection.script(sql) }
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }

    /// The answer as texts; NULL is `NULL`.
    func query(_ sql: String) async throws -> [[String]] {
        let database = try await SQLiteDatabase.open(at: file)
        do {
            let rows = try await database.read { connection throws(SQLError) in try connection.query(sql) }
            await database.close()
            return rows.map { row in row.values.map(Self.text) }
        } catch {
            await database.close()
            throw error
        }
    }

    private static func text(_ value: SQLValue) -> String {
        switch value {
        case .null: "NULL"
        case .integer(let integer): String(integer)
        case .real(let real): String(real)
        case .text(let text): text
        case .utf8(let bytes), .blob(let bytes): String(decoding: bytes, as: UTF8.self)
        }
    }
}

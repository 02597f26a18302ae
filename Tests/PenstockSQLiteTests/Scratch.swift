import Foundation
import PenstockSQL
import PenstockSQLite

/// A folder under /tmp that lives as long as this.
final class Scratch: Sendable {
    let folder: String

    init() {
        folder = FileManager.default.temporaryDirectory.path + "/penstock-sqlite-" + UUID().uuidString
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            fatalError("no scratch folder: \(error)")
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var path: String { folder + "/store.db" }

    /// A database with a table `row(key TEXT PRIMARY KEY, value)`, closed after `body`.
    @discardableResult
    func withDatabase<Value>(
        _ options: SQLiteOptions = SQLiteOptions(), _ body: (SQLiteDatabase) async throws -> Value
    ) async throws -> Value {
        let database = try await SQLiteDatabase.open(at: path, options: options)
        do {
            try await database.write { connection throws(SQLError) in
                try connection.script("CREATE TABLE IF NOT EXISTS row(key TEXT PRIMARY KEY, value)")
            }
            let value = try await body(database)
            await database.close()
            return value
        } catch {
            await database.close()
            throw error
        }
    }
}

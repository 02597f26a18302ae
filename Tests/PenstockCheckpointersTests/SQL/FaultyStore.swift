import PenstockModel
import PenstockSQLite

@testable import PenstockCheckpointers

/// A store in a scratch file whose database goes wrong when told to.
struct FaultyStore {
    let database: FaultyDatabase
    let store: SQLCheckpointer
    let scratch: ScratchFolder

    static func with(_ use: (FaultyStore) async throws -> Void) async throws {
        let scratch = try ScratchFolder()
        try await with(scratch, use)
    }

    /// In a folder of the caller's, where others can open the same file.
    static func with(_ scratch: ScratchFolder, _ use: (FaultyStore) async throws -> Void) async throws {
        try await SQLCheckpointer.sqlite(path: scratch.file).close()
        let database = FaultyDatabase(try await SQLiteDatabase.open(at: scratch.file))
        let prefix = try TablePrefix("penstock_")
        let store = SQLCheckpointer(
            on: database, dialect: SQLiteDialect(), prefix: prefix, clock: .system)
        try await use(FaultyStore(database: database, store: store, scratch: scratch))
        await store.close()
    }
}

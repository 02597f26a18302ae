import PenstockModel

@testable import PenstockCheckpointers

/// A store whose database goes wrong when told to, and commits one group at a time unless more writers are asked for.
struct FaultyStore {
    let database: FaultyDatabase
    let store: SQLCheckpointer
    /// Where others can open the same store.
    let place: SQLPlace

    static func with(
        _ kind: SQLPlace.Kind, writers: Int = 1, _ use: (FaultyStore) async throws -> Void
    ) async throws {
        try await with(SQLPlace.make(kind), writers: writers, use)
    }

    static func with(
        _ place: SQLPlace, writers: Int = 1, _ use: (FaultyStore) async throws -> Void
    ) async throws {
        try await place.store().close()
        let database = FaultyDatabase(try await place.database(), writers: writers)
        let store = SQLCheckpointer(
            on: database, dialect: place.dialect, prefix: try TablePrefix("penstock_"), clock: .system)
        try await use(FaultyStore(database: database, store: store, place: place))
        await store.close()
    }
}

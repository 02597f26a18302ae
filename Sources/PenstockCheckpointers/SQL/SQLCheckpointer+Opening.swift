import PenstockModel
import PenstockSQL

extension SQLCheckpointer {
    /// The store in a database, its tables made and brought up to date. Lets go of the database if that fails.
    static func opened(
        on database: any SQLDatabase, dialect: any SQLDialect, prefix: TablePrefix, clock: WallClock
    ) async throws(CheckpointerError) -> SQLCheckpointer {
        let store = SQLCheckpointer(on: database, dialect: dialect, prefix: prefix, clock: clock)
        do throws(CheckpointerError) {
            try await store.migrate()
        } catch {
            await store.close()
            throw error
        }
        return store
    }

    /// Makes the migrations that are missing. Most starts find none and only read.
    private func migrate() async throws(CheckpointerError) {
        let schema = schema
        let now = SQLValue.moment(clock.now())
        let isCurrent = try await read(about: "the record of migrations") { connection throws(SQLError) in
            try schema.isCurrent(on: connection)
        }
        if isCurrent { return }
        try await write(about: "the record of migrations") { connection throws(SQLError) in
            try schema.migrate(on: connection, at: now)
        }
    }
}

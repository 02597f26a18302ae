import PenstockModel
import PenstockSQL
import PenstockTesting
import Testing

@testable import PenstockCheckpointers

@Suite(.timeLimit(.minutes(1)))
struct SQLMigrationTests {
    /// MySQL commits what makes tables at once, and lets the next process in by a lock that is no transaction's.
    @Test
    func `whoever migrates next finds what was noted, on a database whose lock ends before the transaction`()
        async throws
    {
        let place = try await SQLPlace.make(.mariadb)
        let first = FaultyDatabase(try await place.database())
        let second = try await place.database()
        let schema = SQLSchema(prefix: try TablePrefix("penstock_"), dialect: place.dialect)
        let now = SQLValue.moment(.sample(0))
        let hold = first.holdNext()
        // The server ends one that stands still for some seconds, which is what this one does, however long the other one takes.
        let patience =
            TestMySQL.isMySQL
            ? "SET SESSION wait_timeout = 60" : "SET SESSION idle_write_transaction_timeout = 60"
        async let migrated: Void = first.write { connection throws(SQLError) in
            try connection.script(patience)
            try schema.migrate(on: connection, at: now)
        }
        await hold.isReached()
        let version = try await second.write { connection throws(SQLError) in
            try schema.migrate(on: connection, at: now)
            return try schema.version(on: connection)
        }
        #expect(version == SQLSchema.latest)
        hold.end()
        try await migrated
        await first.close()
        await second.close()
    }
}

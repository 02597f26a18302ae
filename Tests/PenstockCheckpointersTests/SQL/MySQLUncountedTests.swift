import PenstockModel
import PenstockSQL
import PenstockTesting
import Testing

@testable import PenstockCheckpointers

/// A server that goes on with a save whose client has died counts no rows any more.
@Suite(.timeLimit(.minutes(1)))
struct MySQLUncountedTests {
    @Test func `a save undoes itself where nothing is counted`() async throws {
        let place = try await SQLPlace.mariadb(on: .shared)
        let store = try await place.store()
        let writer = try await Writer.open("s", in: store)
        let tables = SQLTables(prefix: try TablePrefix("penstock_"), dialect: place.dialect)
        let commands = place.dialect.saving(tables).commands(SQLSave(writer.draft()))
        let database = try await place.database()
        // After a SELECT there is no count.
        let uncounted = [commands[0], SQLCommand("SELECT 1")] + commands.dropFirst()
        await #expect(throws: SQLError.self) { try await database.commit { SQLBatch(uncounted) } }
        #expect(try await store.steps(of: "s").isEmpty)
        #expect(try await store.session("s")?.record.head == 0)
        _ = try await database.commit { SQLBatch(commands) }
        #expect(try await store.steps(of: "s") == [1])
        await database.close()
        await store.close()
    }
}

import PenstockJSON
import PenstockRedis
import PenstockTesting
import Testing

/// What happens when a whole fleet is started on a store that nobody has used yet.
@Suite("Forty processes that start at once", .timeLimit(.minutes(3)))
struct FirstStartTests {
    @Test func `find or make a SQLite file's tables`() async throws {
        let program = try await PenstockProgram(with: .shared)
        try await start(program, on: "sqlite:\(program.folder)/fleet.db")
    }

    @Test func `find or make the tables of a PostgreSQL schema`() async throws {
        try await start(try await PenstockProgram(with: .shared), on: try await TestPostgres.shared.schema())
    }

    @Test func `find or make the tables of a MariaDB database`() async throws {
        let database = try await TestMySQL.shared.makeDatabase()
        try await start(try await PenstockProgram(with: .shared), on: database.url)
    }

    @Test func `all succeed on one Redis`() async throws {
        let program = try await PenstockProgram(with: .shared)
        try await start(program, on: try await TestRedis.shared.address.description)
    }

    private func start(_ program: PenstockProgram, on store: String) async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<40 {
                group.addTask {
                    try await program.run(
                        "job", "show", "nobody", "--store-url", store, "--store-key-prefix",
                        program.prefix + "checkpoint:")
                }
            }
            for try await ended in group {
                #expect(ended.code == 1)
                #expect(ended.errors.hasPrefix("penstock: job nobody is not known"), "\(ended.errors)")
            }
        }
        let listed = try await program.run(
            "session", "list", "--json", "--store-url", store, "--store-key-prefix",
            program.prefix + "checkpoint:")
        #expect(listed.code == 0 && listed.json == [], "\(listed.errors)")
    }
}

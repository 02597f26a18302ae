import PenstockJSON
import PenstockTesting
import Testing

/// How a worker comes and goes: what it says, what it ends with, what becomes of its jobs.
@Suite("Leaving", .timeLimit(.minutes(2)))
struct LeavingTests {
    private let program: PenstockProgram

    init() async throws {
        program = try PenstockProgram(with: try await TestRedis.shared)
        // Whoever reads the pipe `started` knows that the node runs.
        try program.write(
            """
            {"flow": "sleep", "version": 1,
             "nodes": {"sleep": {"run": ["sh", "-c", "echo started > started; exec sleep 600"]}},
             "edges": [["START", "sleep"], ["sleep", "END"]]}
            """, to: "flows/sleep.json")
    }

    @Test func `a worker whose store is away says so, tries on, and leaves when it is told to`() async throws
    {
        let ended = try await program.bash(
            """
            mkfifo errors
            penstock work --flows flows --log-format json --store-url redis+unix:///no/such.sock 2>errors &
            pid=$!; read -r line <errors; kill -TERM $pid; wait $pid; echo "$? $line"
            """)
        #expect(ended.output.hasPrefix("0 {"), "\(ended.output)")
        #expect(ended.output.contains("the store cannot be reached, trying on"))
    }

    @Test func `a worker whose Redis is away says so, tries on, and leaves when it is told to`() async throws
    {
        let ended = try await program.bash(
            """
            mkfifo errors
            penstock work --flows flows --log-format json --redis-url redis+unix:///no/such.sock 2>errors &
            pid=$!; read -r line <errors; kill -TERM $pid; wait $pid; echo "$? $line"
            """)
        #expect(ended.output.hasPrefix("0 {"), "\(ended.output)")
        #expect(ended.output.contains("Redis cannot be reached, trying on"))
    }

    @Test func `a store that cannot be used ends with 2`() async throws {
        let ended = try await program.run(
            "work", "--flows", "flows", "--store-url", "sqlite:/no/such/folder/a.db")
        #expect(ended.code == 2)
        #expect(ended.errors.contains("the store cannot be used"), "\(ended.errors)")
    }

    @Test func `a drain cancels what outlasts the grace, and hands its job back as it was`() async throws {
        let ended = try await program.bash(
            """
            mkfifo flows/started
            penstock work --flows flows --grace-seconds 0.1 &
            pid=$!
            penstock enqueue sleep --id 1 >ids; read -r word <flows/started
            kill -TERM $pid; wait $pid; echo "$?"
            """)
        #expect(ended.output == "0\n", "\(ended.errors)")
        let job = try await program.run("job", "show", "1", "--json").json
        #expect(job?["status"] == "waiting")
        #expect(job?["attempts"] == 0)
        #expect(job?["crashes"] == 0)
    }

    @Test func `a second signal stops at once`() async throws {
        let ended = try await program.bash(
            """
            mkfifo flows/started errors
            penstock work --flows flows --log-format text 2>errors &
            pid=$!
            exec 3<errors
            penstock enqueue sleep --id 1 >ids; read -r word <flows/started
            kill -TERM $pid; until [[ $line == *draining* ]]; do read -r line <&3; done
            kill -TERM $pid; wait $pid; echo "$?"
            """)
        #expect(ended.output == "1\n", "\(ended.errors)")
        #expect(try await program.run("job", "show", "1", "--json").json?["status"] == "waiting")
    }
}

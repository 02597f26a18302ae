import Glibc
import PenstockJSON
import PenstockRedis
import PenstockTesting
import Testing

@Suite("penstock dev", .timeLimit(.minutes(2)))
struct DevTests {
    @Test func `one command serves jobs, and takes all of it with it when it leaves`() async throws {
        let program = try PenstockProgram(with: try await TestRedis.shared)
        let address = RedisAddress(place: .unix(path: program.folder + "/dev/redis.sock"))
        let url = address.description
        async let dev = program.run("dev", "--dir", "dev")
        // It waits for the server to come, as long as a command waits for a connection.
        let client = RedisClient(address)
        try await client.connect()

        let greeted = try await program.run(
            "enqueue", "greet", "--redis-url", url, "--input", #"{"name":"Ada"}"#, "--wait", "60")
        #expect(greeted.json?["greeting"] == "Hello, Ada! This is visit 1.")

        let second = try await program.run("dev", "--dir", "dev")
        #expect(second.code == 1)
        #expect(second.errors.hasPrefix("penstock: another penstock dev is at work"), "\(second.errors)")

        let worker = try await program.run("worker", "list", "--redis-url", url, "--json").json?[0]
        kill(Int32(try #require(worker?["pid"]?.int)), SIGINT)
        let ended = try await dev
        #expect(ended.code == 0, "\(ended.errors)")
        #expect(ended.output.contains("export PENSTOCK_REDIS_URL=\(url)"))
        await client.close()
        let gone = try await program.run("queue", "list", "--redis-url", url)
        #expect(gone.code == 3)
    }
}

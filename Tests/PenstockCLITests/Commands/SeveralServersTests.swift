import Penstock
import PenstockJSON
import PenstockRedis
import PenstockTesting
import Testing

@testable import PenstockCLI

/// The command line on several servers.
@Suite("Several servers", .timeLimit(.minutes(3)))
struct SeveralServersTests {
    @Test func `the queue and the store in a cluster are looked into, wherever their slot is`() async throws {
        let cluster = try await TestCluster.start()
        let prefix = TestCluster.prefix()
        let url = try cluster.address(naming: [1], prefix: prefix).description
        let flags = ["--redis-url", url, "--prefix", prefix]
        let storeFlags = ["--store-url", url, "--store-key-prefix", prefix + "checkpoint:"]
        #expect(
            await CapturedOutput.run(["enqueue", "greet", "--id", "7", "--queue", "q"] + flags).code == .done)
        for (source, target) in [(0, 1), (1, 0)] {
            let queues = await CapturedOutput.run(["queue", "list", "--json"] + flags)
            #expect(queues.json?["queues"]?.array?.first?["waiting"] == 1)
            #expect(await CapturedOutput.run(["session", "list", "--json"] + storeFlags).json == [])
            try await cluster.move(prefix, from: source, to: target)
        }
    }

    @Test func `behind a sentinel that does not know the master nothing is reached, and that is told`()
        async throws
    {
        let sentinels = try await TestSentinels.start()
        let good = await CapturedOutput.run([
            "queue", "list", "--redis-url", try sentinels.address().description,
        ])
        #expect(good.code == .done)
        let wrong = try sentinels.address(master: "nobody").description
        let bad = await CapturedOutput.run(["queue", "list", "--redis-url", wrong])
        #expect(bad.code == .unreachable)
        #expect(bad.errors.contains("watches no master named \"nobody\""))
    }
}

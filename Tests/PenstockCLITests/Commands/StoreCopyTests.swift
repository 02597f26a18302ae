import FoundationEssentials
import Penstock
import PenstockJSON
import PenstockModel
import PenstockRedis
import PenstockTesting
import Testing

@testable import PenstockCLI

/// `penstock store copy` from what llmfy wrote, and between stores of ours.
@Suite("Copying a store", .timeLimit(.minutes(1)))
final class StoreCopyTests {
    private let prefix = TestRedis.prefix()
    private let redis: TestRedis
    private let client: RedisClient
    private let folder: String

    init() async throws {
        redis = try await TestRedis.shared
        client = RedisClient(redis.address)
        folder = FileManager.default.temporaryDirectory.path + "/penstock-copy-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private var file: String { "sqlite:\(folder)/store.db" }
    private var server: String { redis.address.description }

    private func copy(_ arguments: String...) async -> CapturedOutput.Answer {
        await CapturedOutput.run(["store", "copy"] + arguments)
    }

    /// A session as llmfy 0.11 keeps it.
    private func addLaterSession(state: String = #"{"n": 1.0}"#) async throws {
        let row =
            #"{"checkpoint_id": "c1", "session_id": "s", "run_id": "r", "created_at": "2026-01-02T03:04:05+00:00", "#
            + #""node": "fetch", "prev_node": "__start__", "step": 1, "updated_fields": ["n"], "attempt": 1, "#
            + #""dispatch_id": null, "state": \#(state)}"#
        _ = try await client.send(RedisCommand("SET", prefix + "checkpoint:c1", row))
        _ = try await client.send(RedisCommand("ZADD", prefix + "session:s", "1767323045", "c1"))
    }

    @Test func `llmfy's sessions move into a file, and from there into Redis`() async throws {
        try await addLaterSession()
        let first = await copy("--from", server, "--from-key-prefix", prefix, "--to", file, "--json")
        #expect(first.code == .done, "\(first.errors)")
        #expect(
            first.json == [
                "sessions": 1, "checkpoints": 1, "jobs": 0, "bytes": 10, "already_there": 0, "left_alone": 0,
                "different": 0, "moving": 0, "refused": 0, "complete": true, "notes": [],
            ])
        let state = await CapturedOutput.run(["session", "state", "s", "--store-url", file])
        #expect(state.json == ["n": 1.0])
        let again = await copy("--from", server, "--from-key-prefix", prefix, "--to", file)
        #expect(again.code == .done)
        #expect(
            again.output == "0 sessions copied: 0 checkpoints (0 bytes), 0 records of jobs\n1 already there\n"
        )
        let other = TestRedis.prefix()
        #expect(await copy("--from", file, "--to", server, "--to-key-prefix", other).code == .done)
        let history = await CapturedOutput.run(
            ["session", "history", "s", "--json", "--store-url", server, "--store-key-prefix", other])
        #expect(history.json?[0]?["node_name"] == "fetch")
    }

    @Test func `what is not copied is named, and ends with 1`() async throws {
        try await addLaterSession(state: #""eJyrVspTsjKsBQAKIgJu""#)
        let answer = await copy("--from", server, "--from-key-prefix", prefix, "--to", file)
        #expect(answer.code == .failed)
        #expect(answer.errors.hasPrefix("session s: refused: session s cannot be read: llmfy 0.11 keeps"))
        #expect(answer.output.hasSuffix("1 refused\n"))
        let nobody = await copy(
            "--from", server, "--from-key-prefix", prefix, "--to", file, "--session", "nobody")
        #expect(nobody.code == .failed)
        #expect(nobody.errors.contains("session nobody is not known to the store that is copied from"))
    }

    @Test func `a store is not copied onto itself, by another path either`() async throws {
        for other in [file, "sqlite:\(folder)/../\(folder.split(separator: "/").last ?? "")/store.db"] {
            let answer = await copy("--from", file, "--to", other)
            #expect(answer.code == .misused)
            #expect(answer.errors.contains("one and the same store"))
        }
        #expect(await copy("--from", server, "--to", server).code == .misused)
    }

    @Test func `wrong usage ends with 2, and a server that is not there with 3`() async throws {
        #expect(await copy("--from", file).code == .misused)
        #expect(await copy("--from", "memory:", "--to", file).errors.contains("lives and ends"))
        #expect(await copy("--from", server, "--to", "memory:").errors.contains("ends with its process"))
        let missing = await copy("--from", "sqlite:\(folder)/none.db", "--to", file)
        #expect(missing.code == .misused)
        #expect(missing.errors.contains("there is no file"))
        #expect(!FileManager.default.fileExists(atPath: folder + "/none.db"))
        #expect(await copy("--from", "redis+unix://\(folder)/none.sock", "--to", file).code == .unreachable)
    }
}

import Foundation
import Penstock
import PenstockJSON
import PenstockModel
import Testing

@testable import PenstockCLI

@Suite("Store clean", .timeLimit(.minutes(1)))
struct StoreCleanTests {
    @Test func `a SQLite store that is not there is not made`() async {
        let path = folder.path + "/nothing.db"
        for command in [["session", "list"], ["session", "show", "s"], ["store", "clean", "--dry-run"]] {
            let answer = await CapturedOutput.run(command + ["--store-url", "sqlite:\(path)"])
            #expect(answer.code == .misused)
            #expect(answer.errors.contains("there is no SQLite store \(path) yet"))
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    private let folder = FileManager.default.temporaryDirectory.appending(path: "penstock-clean-\(UUID())")

    private func run(_ arguments: String...) async -> CapturedOutput.Answer {
        await CapturedOutput.run(
            ["store", "clean", "--store-url", "sqlite:\(folder.path)/store.db"] + arguments)
    }

    /// A store with sessions `a` and `b` of flows of their names, five checkpoints each.
    private func fill() async throws {
        let store = try await Checkpointers.open("sqlite:\(folder.path)/store.db")
        for (session, job) in [("a", "job-a"), ("b", "job-b")] as [(SessionID, JobID)] {
            let opened = try await store.open(session, for: job, as: "test")
            for step in 1...5 {
                let now = WallClock.system.now()
                let checkpoint = Checkpoint(
                    id: CheckpointID(UUIDv7Source.shared.next()), session: session, timestamp: now, node: "n",
                    step: step, state: Array("{}".utf8), next: ["n"])
                try await store.save(
                    Save(
                        session: session, epoch: opened.record.epoch, owner: "test", seen: step - 1,
                        checkpoint: checkpoint, flow: session.text, version: 1, status: .running, job: nil))
            }
        }
        await store.close()
    }

    private func withStore(_ use: () async throws -> Void) async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await fill()
        try await use()
    }

    @Test func `a store is cleaned by the settings and by the flows, after a look at what that takes`()
        async throws
    {
        try await withStore {
            let flow =
                #"{"flow": "b", "nodes": {"x": {"set": {}}}, "edges": [["START", "x"], ["x", "END"]], "#
            try Data((flow + #""retention": {"checkpoints": 3}}"#).utf8)
                .write(to: folder.appending(path: "b.json"))
            let arguments = ["--retention-checkpoints", "1", "--flows", folder.path]
            let expected: JSON = [
                "dry_run": true, "sessions": 2, "checkpoints": 6, "bytes": 12, "jobs": 0,
                "flows": [
                    "a": ["checkpoints": 4, "bytes": 8, "jobs": 0],
                    "b": ["checkpoints": 2, "bytes": 4, "jobs": 0],
                ],
            ]
            let dry = await run(arguments[0], arguments[1], arguments[2], arguments[3], "--dry-run", "--json")
            #expect(dry.code == .done)
            #expect(dry.json == expected)
            #expect(dry.errors.isEmpty)
            let wet = await run(arguments[0], arguments[1], arguments[2], arguments[3])
            #expect(wet.code == .done)
            #expect(wet.output.hasPrefix("FLOW  CHECKPOINTS  BYTES  JOBS\n"))
            #expect(wet.output.hasSuffix("\n6 checkpoints (12 bytes) and 0 records of jobs removed\n"))
            let again = await run(arguments[0], arguments[1], arguments[2], arguments[3])
            #expect(again.output == "0 checkpoints (0 bytes) and 0 records of jobs removed\n")
        }
    }

    @Test func `flows with faults and stores that cannot be cleaned end with 2`() async throws {
        try await withStore {
            try Data(#"{"flow": "b"}"#.utf8).write(to: folder.appending(path: "b.json"))
            let faulty = await run("--flows", folder.path)
            #expect(faulty.code == .misused)
            #expect(faulty.errors.contains("the flow has no nodes"))
        }
        let memory = await CapturedOutput.run(["store", "clean", "--store-url", "memory:"])
        #expect(memory.code == .misused)
        let nowhere = await CapturedOutput.run([
            "store", "clean", "--store-url", "redis+unix:///no/such.sock",
        ])
        #expect(nowhere.code == .unreachable)
    }
}

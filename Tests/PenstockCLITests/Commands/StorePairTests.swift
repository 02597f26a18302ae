import Foundation
import Penstock
import PenstockJSON
import Testing

@testable import PenstockCLI

@Suite("Store status and failover", .timeLimit(.minutes(1)))
struct StorePairTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "penstock-pair-\(UUID())")

    private func run(_ arguments: String...) async -> CapturedOutput.Answer {
        await CapturedOutput.run(
            arguments + [
                "--store-url", "sqlite:\(folder.path)/a.db", "--store-secondary-url",
                "sqlite:\(folder.path)/b.db",
            ])
    }

    private func withFolder(_ use: () async throws -> Void) async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await use()
    }

    @Test func `the status tells how the pair stands, and which stores answer`() async throws {
        try await withFolder {
            let status = await run("store", "status", "--json")
            #expect(status.code == .done)
            #expect(status.json?["standing"] == ["term": 1, "active": "primary", "standby": "joining"])
            #expect(status.json?["lag"] == .null)
            #expect(status.json?["primary"]?["answers"] == true)
            #expect(status.json?["secondary"]?["has_lost"] == false)
            let text = await run("store", "status").output
            #expect(text.contains("term 1, primary active, joining"))
            #expect(text.contains("b.db, answers"))
        }
    }

    @Test func `a failover copies what is missing while both stores answer`() async throws {
        try await withFolder {
            _ = await run("store", "status")
            let failover = await run("store", "failover", "--to", "secondary", "--json")
            #expect(failover.code == .done)
            #expect(failover.json == ["term": 2, "active": "secondary", "standby": "alone"])
            let again = await run("store", "failover", "--to", "secondary")
            #expect(again.output == "term 2, secondary active, alone\n")
        }
    }

    @Test func `one store of a pair is not used alone until it has left it`() async throws {
        try await withFolder {
            func alone(_ file: String, _ arguments: String...) async -> CapturedOutput.Answer {
                await CapturedOutput.run(arguments + ["--store-url", "sqlite:\(folder.path)/\(file).db"])
            }
            for _ in 1...2 { _ = await run("store", "status") }
            let refused = await alone("a", "session", "list")
            #expect(refused.code == .misused)
            #expect(refused.errors.contains("this store is the primary of a replicated pair"))
            #expect(
                await alone("b", "session", "list").errors.contains("is the secondary of a replicated pair"))
            // It is joining, and may lack something.
            #expect(await alone("b", "store", "unpair").errors.contains("--lose"))
            #expect(await alone("a", "store", "unpair").code == .done)
            #expect(await alone("a", "session", "list").code == .done)
            #expect(await alone("b", "store", "unpair", "--lose").code == .done)
            #expect(await alone("b", "store", "unpair").output == "this store is in no pair\n")
        }
    }

    @Test func `a failover that may lose something has to be told so`() async throws {
        try await withFolder {
            _ = await run("store", "status")
            // The primary is a folder now, and cannot be opened.
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: folder.path + "/a.db" + suffix)
            }
            try FileManager.default.createDirectory(
                atPath: folder.path + "/a.db", withIntermediateDirectories: true)
            let refused = await run("store", "failover", "--to", "secondary")
            #expect(refused.code == .failed)
            #expect(refused.errors.contains("--lose"))
            let failover = await run("store", "failover", "--to", "secondary", "--lose")
            #expect(failover.code == .done)
            #expect(failover.output == "term 2, secondary active, alone\n")
            let status = await run("store", "status")
            #expect(status.output.contains("a.db, no answer"))
        }
    }

    @Test func `without a pair there is nothing to tell, and --to is one of two words`() async throws {
        let alone = await CapturedOutput.run(["store", "status", "--store-url", "sqlite:\(folder.path)/a.db"])
        #expect(alone.code == .misused)
        #expect(alone.errors.contains("store_secondary_url is not set"))
        let word = await run("store", "failover", "--to", "tertiary")
        #expect(word.code == .misused)
        #expect(word.errors.contains("--to is primary or secondary"))
    }
}

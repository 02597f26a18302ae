import Foundation
import PenstockModel
import PenstockRedis
import Testing

@testable import PenstockCheckpointers

/// What llmfy wrote before 0.11, copied as it is.
@Suite(.timeLimit(.minutes(1)))
struct LlmfyCopyTests {
    /// Into stores that are made for what llmfy writes: rows with equal steps.
    private static let targets: [CheckpointerDriver] = [.redis, .sqlite, .postgres, .mariadb]

    /// The session at the target goes on where it does in a store of ours on llmfy's own keys or table.
    private func expectCopied(
        from source: any CopySource, into driver: CheckpointerDriver,
        as original: any CopyTarget & Checkpointer
    ) async throws {
        try await driver.withCopyTarget { target in
            let report = try await StoreCopy(from: source, to: target).run()
            #expect(report.sessions == 1)
            #expect(report.isComplete)
            #expect(try await StoreCopy(from: source, to: target).run().alreadyThere == 1)
            try await CopiedStore.expectEqual(["sess-1"], in: target, and: original)
        }
    }

    @Test(arguments: targets, [1, 2, 3, 4])
    func `a run in Redis goes on where it stopped`(_ driver: CheckpointerDriver, _ rows: Int) async throws {
        try await LlmfyRows.with(rows) { llmfy in
            // A retry: it gives the state, but not the position.
            if rows == 3 { try await llmfy.add(id: "retry", node: "__start__", step: 2, after: 9) }
            let source = RedisCopySource(llmfy.client, prefix: llmfy.prefix)
            try await expectCopied(from: source, into: driver, as: llmfy.store)
        }
    }

    @Test(arguments: targets)
    func `a run in a SQLite file goes on where it stopped, and the file stays llmfy's`(
        _ driver: CheckpointerDriver
    ) async throws {
        let scratch = try ScratchFolder()
        let fixture = try #require(Bundle.module.path(forResource: "Fixtures/sqlite_complete", ofType: "db"))
        try FileManager.default.copyItem(atPath: fixture, toPath: scratch.file)
        try await scratch.script("DELETE FROM llmfy_checkpoint WHERE step > 2")
        try await expectTableCopied(SQLPlace.sqlite(in: scratch), into: driver)
    }

    @Test(arguments: [SQLPlace.Kind.postgres, .mariadb], targets)
    func `a run in a table of a server goes on where it stopped, and the table stays llmfy's`(
        _ kind: SQLPlace.Kind, _ driver: CheckpointerDriver
    ) async throws {
        let place = try await LlmfyServer.make(kind, rows: 3)
        try await place.script(
            LlmfyServer.row("00000000-0000-4000-8000-00000000000a", 900, "__start__", 2, "{}", on: kind))
        try await expectTableCopied(place, into: driver)
    }

    private func expectTableCopied(_ place: SQLPlace, into driver: CheckpointerDriver) async throws {
        let rows = "SELECT * FROM llmfy_checkpoint ORDER BY checkpoint_id"
        let before = try await place.query(rows)
        let source = try await CopySources.source(
            on: try await place.database(), dialect: place.dialect, prefix: try TablePrefix("llmfy_"))
        // On a copy of its own: taking llmfy's table into use adds columns to it.
        let original = try await place.store("original_")
        #expect(try await StoreCopy(from: source, to: original).run().isComplete)
        try await expectCopied(from: source, into: driver, as: original)
        #expect(try await place.query(rows) == before)
        let opened = try await place.store("llmfy_")
        let one = try await opened.open("sess-1", for: "j", as: "w")
        let other = try await original.open("sess-1", for: "j", as: "w2")
        #expect(one.latest == other.latest)
        #expect(one.start == other.start)
        await original.close()
        await opened.close()
        await source.close()
    }

    @Test(arguments: SQLPlace.Kind.allCases)
    func `a table of ours is copied from as a store, and a table that is not there is named`(
        _ kind: SQLPlace.Kind
    ) async throws {
        let place = try await SQLPlace.make(kind)
        try await place.store().close()
        let source = try await CopySources.source(
            on: try await place.database(), dialect: place.dialect, prefix: try TablePrefix("penstock_"))
        #expect(source is SQLCheckpointer)
        await source.close()
        await #expect {
            _ = try await CopySources.source(
                on: try await place.database(), dialect: place.dialect, prefix: try TablePrefix("typo_"))
        } throws: { error in
            error as? CheckpointerError
                == .refused(reason: "there is no table 'typo_checkpoint'; is the table prefix right?")
        }
        await #expect { try await place.query("SELECT * FROM typo_checkpoint") } throws: { _ in true }
    }
}

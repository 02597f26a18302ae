import Foundation
import PenstockCheckpointers
import PenstockModel
import PenstockSQL
import PenstockTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2)))
struct SQLZombieTests {
    @Test(arguments: SQLPlace.Kind.allCases)
    func `a save that was begun before the successor's open is seen by it`(_ kind: SQLPlace.Kind) async throws
    {
        try await FaultyStore.with(kind) { zombie in
            let successor = try await zombie.place.store()
            let writer = try await Writer.open("s", in: zombie.store)
            let hold = zombie.database.holdNext()
            async let saved: Void = zombie.store.save(writer.draft(id: "late"))
            await hold.isReached()
            async let next = Writer.open("s", in: successor)
            hold.end()
            try await saved
            #expect(try await next.seen == 1)
            #expect(try await next.opened.latest?.id == "late")
            await successor.close()
        }
    }

    @Test(arguments: SQLPlace.Kind.allCases)
    func `a save that comes while the successor opens is fenced`(_ kind: SQLPlace.Kind) async throws {
        try await FaultyStore.with(kind) { successor in
            let zombie = try await successor.place.store()
            let writer = try await Writer.open("s", in: zombie)
            let hold = successor.database.holdNext()
            async let next = Writer.open("s", in: successor.store)
            await hold.isReached()
            let save = Task { try await zombie.save(writer.draft()) }
            hold.end()
            #expect(try await next.seen == 0)
            await #expect(throws: writer.fenced) { try await save.value }
            #expect(try await zombie.history(of: "s").isEmpty)
            await zombie.close()
        }
    }

    @Test(arguments: SQLPlace.Kind.allCases)
    func `of a group that waits for a successor's open only that session's save is fenced`(
        _ kind: SQLPlace.Kind
    ) async throws {
        let (place, isWaiting) = try await Self.watched(kind)
        try await FaultyStore.with(place) { successor in
            try await FaultyStore.with(place) { zombie in
                let writers = try await zombie.writers(8)
                let hold = successor.database.holdNext()
                async let next = Writer.open("s-3", in: successor.store)
                await hold.isReached()
                async let saved = zombie.saveTogether(writers.map { $0.draft() })
                while try await !isWaiting() { try Task.checkCancellation() }
                hold.end()
                #expect(try await next.seen == 0)
                for (writer, result) in zip(writers, await saved) {
                    let isOvertaken = writer.session == "s-3"
                    if isOvertaken {
                        #expect(throws: writer.fenced) { try result.get() }
                    } else {
                        #expect(throws: Never.self) { try result.get() }
                    }
                    #expect(try await zombie.store.steps(of: writer.session) == (isOvertaken ? [] : [1]))
                }
            }
        }
    }

    /// A place, on a server of its own, and whether anybody waits for a lock there. Of SQLite, where all wait for one, that is not told.
    private static func watched(
        _ kind: SQLPlace.Kind
    ) async throws -> (SQLPlace, isWaiting: @Sendable () async throws -> Bool) {
        switch kind {
        case .sqlite: return (try await .make(kind), { true })
        case .postgres:
            let server = try await TestPostgres.start()
            return (
                try await .postgres(on: server),
                { try await server.run("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)") == ["t"] }
            )
        case .mariadb:
            let server = try await TestMySQL.start()
            let waits = """
                SELECT variable_value FROM \(TestMySQL.statusSchema).global_status
                WHERE variable_name = 'INNODB_ROW_LOCK_CURRENT_WAITS'
                """
            return (
                try await .mariadb(on: server), { try await server.run(waits) != ["0"] }
            )
        }
    }

    @Test func `what was acknowledged before a kill is there after it`() async throws {
        let scratch = try ScratchFolder()
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [file = scratch.file as String, ledger = scratch.path + "/ledger" as String] in
            let store = try await SQLCheckpointer.sqlite(path: file)
            let acknowledged = try Ledger(at: ledger, killingAfter: 400)
            try await withThrowingTaskGroup { group in
                for number in 0..<16 {
                    group.addTask {
                        let id = "s-\(number)"
                        var writer = try await Writer.open(
                            SessionID(checking: id), in: store, job: JobID(checking: id))
                        while true {
                            let checkpoint = try await writer.save()
                            acknowledged.note("\(id) \(checkpoint.step) \(checkpoint.id)")
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        let lines = try String(contentsOfFile: scratch.path + "/ledger", encoding: .utf8)
            .split(separator: "\n")
        #expect(lines.count >= 400)
        let store = try await SQLCheckpointer.sqlite(path: scratch.file)
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            let found = try await store.checkpoint(
                CheckpointID(words[2]), of: try SessionID(checking: words[0]))
            #expect(found?.step == Int(words[1]))
        }
        for summary in try await store.sessions(limit: 100, after: nil) {
            let steps = try await store.steps(of: summary.record.id)
            #expect(steps == Array((0..<summary.record.head).map { $0 + 1 }.reversed()))
        }
        await store.close()
    }
}

/// A file to which lines are added, each in one write; its process is killed in the middle of things.
private final class Ledger: Sendable {
    private let descriptor: Int32
    private let lines = Atomic(0)
    private let limit: Int

    init(at path: String, killingAfter limit: Int) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        self.limit = limit
        try #require(descriptor >= 0)
    }

    func note(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count else { fatalError("the ledger is full") }
        if lines.add(1, ordering: .relaxed).newValue >= limit { kill(getpid(), SIGKILL) }
    }
}

import Dispatch
import Foundation
import Glibc
import PenstockSQL
import Synchronization
import Testing

@testable import PenstockSQLite

/// When a commit is answered, and what becomes of the file when the disk fails.
@Suite(.timeLimit(.minutes(1)))
struct SQLiteSyncTests {
    private func insert(_ key: String) -> SQLBatch {
        SQLBatch([SQLCommand("INSERT INTO row VALUES (?, 1)", [.text(key)])])
    }

    private func keys(in database: SQLiteDatabase) async throws -> [String] {
        let rows = try await database.read { connection throws(SQLError) in
            try connection.query("SELECT key FROM row ORDER BY key")
        }
        return try rows.map { try $0.text(at: 0) }
    }

    private func withDatabase(
        _ disk: Disk, _ options: SQLiteOptions = SQLiteOptions(),
        _ body: (SQLiteDatabase) async throws -> Void
    ) async throws {
        let scratch = Scratch()
        try await scratch.withDatabase { _ in }
        let database = try await SQLiteDatabase.open(at: scratch.path, options: options) { disk.flush($0) }
        try await body(database)
        await database.close()
    }

    @Test
    func `a commit is answered when the disk has it, and the next one is made meanwhile`() async throws {
        let disk = Disk()
        try await withDatabase(disk) { database in
            disk.stop()
            try await withThrowingTaskGroup { group in
                for key in ["a", "b", "c"] {
                    group.addTask {
                        _ = try await database.commit { insert(key) }
                        disk.noteAnswer()
                    }
                }
                await disk.isAsked()
                while try await keys(in: database) != ["a", "b", "c"] { await Task.yield() }
                #expect(disk.answers == 0)
                disk.goOn()
                try await group.waitForAll()
            }
            // One flush for the first, and one for those that were committed during it.
            #expect((1...3).contains(disk.flushes))
        }
    }

    @Test(arguments: [true, false])
    func `a commit that nobody waits behind is answered before its connection is given back`(
        _ othersWait: Bool
    ) async throws {
        let disk = Disk()
        try await withDatabase(disk) { database in
            disk.stop()
            let isAnswered = Atomic(false)
            async let wasAnswered = withCheckedContinuation { continuation in
                database.lend { loan in
                    loan.commit(insert("a"), whileOthersWait: { othersWait }) { _ in
                        isAnswered.store(true, ordering: .sequentiallyConsistent)
                    } next: { error in
                        #expect(error == nil)
                        continuation.resume(returning: isAnswered.load(ordering: .sequentiallyConsistent))
                        loan.giveBack()
                    }
                }
            }
            await disk.isAsked()
            // Where others wait, the connection is free before the disk has answered.
            if othersWait { #expect(await !wasAnswered) }
            disk.goOn()
            #expect(await wasAnswered != othersWait)
        }
        #expect(disk.flushes == 1)
    }

    @Test
    func `a flush that is under way is joined, not doubled`() async throws {
        let scratch = Scratch()
        let disk = Disk()
        let sync = SQLiteSync(of: try SQLiteFile(at: scratch.path)) { disk.flush($0) }
        try "log".write(toFile: scratch.path + "-wal", atomically: false, encoding: .utf8)
        disk.stop()
        await withTaskGroup { group in
            for place in 0..<2 {
                if place == 1 { await disk.isAsked() }
                let told = AsyncStream.makeStream(of: Void.self)
                // Did it wait here, it would wait for ever.
                sync.tell(onThisThread: place == 1) { failure in
                    #expect(failure == nil)
                    told.continuation.yield()
                }
                group.addTask { for await _ in told.stream { return } }
            }
            disk.goOn()
        }
        #expect(disk.flushes == 2)
        await sync.close()
    }

    @Test
    func
        `what need not be durable is answered at once, and so is everything where nobody waits for the disk`()
        async throws
    {
        let disk = Disk()
        try await withDatabase(disk) { database in
            _ = try await database.commit { SQLBatch(insert("a").commands, isDurable: false) }
            #expect(disk.flushes == 0)
            _ = try await database.write { connection throws(SQLError) in
                try connection.run(insert("b").commands)
            }
            #expect(disk.flushes == 1)
        }
        try await withDatabase(disk, SQLiteOptions(synchronous: .normal)) { database in
            _ = try await database.commit { insert("a") }
            #expect(disk.flushes == 1)
        }
    }

    @Test
    func `once the disk has failed nothing more is acknowledged`() async throws {
        let disk = Disk()
        try await withDatabase(disk) { database in
            _ = try await database.commit { insert("a") }
            disk.fail()
            for key in ["b", "c"] {
                await #expect {
                    _ = try await database.commit { insert(key) }
                } throws: { error in
                    guard case SQLError.connectionLost(let reason) = error else { return false }
                    return reason.contains("Input/output error")
                        && reason.contains("when the disk is in order")
                }
            }
            // The first may be kept or lost; the second was not even tried.
            let keys = try await keys(in: database)
            #expect(keys == ["a", "b"])
        }
    }

    @Test
    func `a log that was removed with its last connection is not waited for in place of the new one`() throws
    {
        let scratch = Scratch()
        let disk = Disk()
        let sync = SQLiteSync(of: try SQLiteFile(at: scratch.path)) { disk.flush($0) }
        for _ in 1...2 {
            try "log".write(toFile: scratch.path + "-wal", atomically: false, encoding: .utf8)
            try sync.wait()
            #expect(disk.lastFlushed?.hasSuffix("/store.db-wal") == true)
            unlink(scratch.path + "-wal")
        }
        #expect(throws: SQLError.self) { try sync.wait() }
    }
}

/// A disk that can be stopped, and that can fail.
private final class Disk: Sendable {
    private struct State {
        var flushes = 0
        var fails = false
        /// How many commits were answered.
        var answers = 0
        var lastFlushed: String?
    }

    private let state = Mutex(State())
    private let asked = AsyncStream.makeStream(of: Void.self)
    private let gate = DispatchSemaphore(value: 0)
    private let isStopped = Atomic(false)

    var flushes: Int { state.withLock(\.flushes) }
    var lastFlushed: String? { state.withLock(\.lastFlushed) }
    var answers: Int { state.withLock(\.answers) }

    func noteAnswer() { state.withLock { $0.answers += 1 } }

    func stop() { isStopped.store(true, ordering: .sequentiallyConsistent) }

    func goOn() {
        isStopped.store(false, ordering: .sequentiallyConsistent)
        gate.signal()
    }

    func fail() { state.withLock { $0.fails = true } }

    /// Until somebody waits for it.
    func isAsked() async {
        for await _ in asked.stream { return }
    }

    func flush(_ descriptor: Int32) -> Int32 {
        if isStopped.load(ordering: .sequentiallyConsistent) {
            asked.continuation.yield()
            gate.wait()
        }
        var name = [UInt8](repeating: 0, count: 4_096)
        let length = name.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { readlink("/proc/self/fd/\(descriptor)", $0, bytes.count) } ?? 0
        }
        let fails = state.withLock { state in
            state.flushes += 1
            state.lastFlushed = String(decoding: name.prefix(max(0, length)), as: UTF8.self)
            return state.fails
        }
        guard fails else { return fdatasync(descriptor) }
        errno = EIO
        return -1
    }
}

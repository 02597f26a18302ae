import CPenstockPlatform
import Foundation
import PenstockJSON
import PenstockTesting
import Synchronization
import Testing

/// Two workers as processes, one of which is killed or stopped while a node's program runs: the other one finishes the job.
@Suite("A worker's death", .timeLimit(.minutes(2)))
struct WorkerDeathTests {
    enum Store: CaseIterable {
        case sqlite
        case redis
    }

    /// The node `hold`: its first try goes on, and so does a child of it, until the file `release` is there; the second one
    /// looks for others that still live, and ends. All of them write what they do into the file `ledger`.
    private static let program = """
        import json, os, subprocess, sys, time

        def note(what):
            with open("ledger", "a") as ledger:
                ledger.write(f"{time.monotonic_ns()} {what} {os.getpid()}\\n")

        def hold(what):
            while not os.path.exists("release"):
                note(what)
                time.sleep(0.02)

        if sys.argv[1:2] == ["child"]:
            note("child")
            print(f"holding {sys.argv[2]}", file=sys.stderr, flush=True)
            hold("child")
            time.sleep(1000)
        earlier = {int(line.split()[2]) for line in open("ledger")} if os.path.exists("ledger") else set()
        note("start")
        for pid in earlier:
            try:
                state = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if state not in "ZX":
                note(f"beside:{pid}")
        if not earlier:
            subprocess.Popen([sys.executable, "hold.py", "child", str(os.getppid())], stdout=subprocess.DEVNULL)
            hold("beat")
        print(json.dumps({"log": ["held"], "by": "second" if earlier else "first"}), flush=True)
        note("end")
        """

    /// What the program wrote into its ledger.
    private struct Entry {
        let time: Int
        let what: String
        let pid: pid_t
    }

    private let program: PenstockProgram

    init() async throws {
        program = try PenstockProgram(with: try await TestRedis.shared)
        try program.write(Self.program, to: "flows/hold.py")
        try program.write(
            """
            {"flow": "hold", "reducers": {"log": "append"},
             "nodes": {"before": {"set": {"log": ["before"]}}, "hold": {"run": ["python3", "hold.py"]},
                       "after": {"set": {"log": ["after"]}}},
             "edges": [["START", "before"], ["before", "hold"], ["hold", "after"], ["after", "END"]]}
            """, to: "flows/hold.json")
    }

    private func worker(on store: Store) -> WorkerInTest {
        WorkerInTest(program, ["work", "--flows", "flows", "--slots", "1"] + flags(for: store))
    }

    private func flags(for store: Store) -> [String] { store == .sqlite ? [] : program.storeInRedis }

    /// The job's session from newest to oldest.
    private func history(in store: Store) async throws -> [JSON] {
        let arguments = ["session", "history", "s", "--json", "--limit", "50"] + flags(for: store)
        let ended = try await program.run(arguments) { _ in }
        return try #require(ended.json?.array, "\(ended.errors)")
    }

    private var ledger: [Entry] {
        get throws {
            try String(contentsOfFile: program.folder + "/flows/ledger", encoding: .utf8)
                .split(separator: "\n").map { line in
                    let words = line.split(separator: " ")
                    return Entry(
                        time: try #require(Int(words[0])), what: String(words[1]),
                        pid: try #require(pid_t(words[2])))
                }
        }
    }

    @Test(arguments: Store.allCases)
    func `the programs of a killed worker are gone before the node starts elsewhere`(store: Store)
        async throws
    {
        let workers = [worker(on: store), worker(on: store)]
        async let waiting = program.run("enqueue", "hold", "--id", "j", "--session", "s", "--wait", "90")
        let holder = try await WorkerInTest.firstToHold(of: workers)
        kill(holder, SIGKILL)

        let ended = try await waiting
        #expect(ended.json == ["log": ["before", "held", "after"], "by": "second"], "\(ended.errors)")
        let ledger = try ledger
        let starts = ledger.filter { $0.what == "start" }
        #expect(starts.count == 2)
        #expect(ledger.filter { $0.what.hasPrefix("beside") }.isEmpty)
        let second = try #require(starts.last)
        let first = Set(ledger.map(\.pid)).subtracting([second.pid])
        #expect(first.count == 2)
        #expect(ledger.filter { first.contains($0.pid) }.allSatisfy { $0.time < second.time })
        for pid in first { #expect(await isGone(pid)) }

        let history = try await history(in: store)
        #expect(history.map { $0["step"]?.int } == [3, 2, 1])
        #expect(history.map { $0["node_name"]?.string } == ["after", "hold", "before"])
        let job = try await program.run("job", "show", "j", "--json").json
        #expect(job?["status"] == "done")
        #expect(job?["attempts"] == 0)
        #expect(job?["crashes"] == 1)
        try await end(workers, killed: holder)
    }

    @Test(arguments: Store.allCases, [true, false])
    func `a worker that was stopped for longer than its lock lives writes and settles nothing more`(
        store: Store, hasAnswer: Bool
    ) async throws {
        let workers = [worker(on: store), worker(on: store)]
        async let waiting = program.run("enqueue", "hold", "--id", "j", "--session", "s", "--wait", "90")
        let zombie = try await WorkerInTest.firstToHold(of: workers)
        kill(zombie, SIGSTOP)

        let ended = try await waiting
        #expect(ended.json?["by"] == "second", "\(ended.errors)")
        let history = try await history(in: store)
        #expect(history.map { $0["node_name"]?.string } == ["after", "hold", "before"])
        let job = try await program.run("job", "show", "j", "--json").json
        #expect(job?["status"] == "done")

        // Its program goes on beside it, and may have an answer by now.
        let first = try #require(try ledger.first { $0.what == "beat" }).pid
        if hasAnswer {
            try program.write("", to: "flows/release")
            #expect(await isGone(first))
        }
        kill(zombie, SIGCONT)
        let next = try await program.run(
            "enqueue", "hold", "--id", "k", "--session", "s", "--wait", "90")
        #expect(next.json?["log"]?.array?.count == 6, "\(next.errors)")
        try await end(workers, resumed: zombie)
        for pid in Set(try ledger.map(\.pid)) { #expect(await isGone(pid)) }

        #expect(try await program.run("job", "show", "j", "--json").json == job)
        let later = try await self.history(in: store)
        #expect(Array(later.dropFirst(3)) == history)
        #expect(later.map { $0["step"]?.int } == [6, 5, 4, 3, 2, 1])
        let words = workers.flatMap(\.lines).compactMap { $0["event"]?.string }
        #expect(words.contains { $0.hasPrefix("fenced") || $0.hasPrefix("not settled") }, "\(words)")
        let left = try await program.run("queue", "list", "--json").json
        for key in ["parked", "scheduled", "dead"] { #expect(left?[key] == 0) }
        for queue in left?["queues"]?.array ?? [] { #expect(queue["waiting"] == 0 && queue["running"] == 0) }
    }

    /// Has all workers leave, and sees that they left in peace.
    private func end(
        _ workers: [WorkerInTest], killed: pid_t? = nil, resumed: pid_t? = nil
    ) async throws {
        let listed = try await program.run("worker", "list", "--json").json?.array ?? []
        // One that was given up for dead may not be listed again yet.
        let pids = Set(listed.compactMap { $0["pid"]?.int.map(pid_t.init) } + [resumed].compactMap(\.self))
        for pid in pids where pid != killed { kill(pid, SIGTERM) }
        var codes: [Int32?] = []
        for worker in workers { codes.append(try await worker.ended.value.code) }
        #expect(codes.count { $0 == 0 } == (killed == nil ? 2 : 1), "\(codes)")
    }
}

/// A worker as a process, and what it logs.
private final class WorkerInTest: Sendable {
    let ended: Task<PenstockProgram.Ended, any Error>
    private let log: Lines

    init(_ program: PenstockProgram, _ arguments: [String]) {
        let log = Lines()
        self.log = log
        ended = Task { try await program.run(arguments, onErrorLine: log.take) }
    }

    var lines: [JSON] { log.all }

    /// The process id of the worker whose program holds first.
    static func firstToHold(of workers: [WorkerInTest]) async throws -> pid_t {
        try await withThrowingTaskGroup(of: pid_t?.self) { group in
            for worker in workers { group.addTask { await worker.log.holder() } }
            defer { group.cancelAll() }
            return try #require(try await group.next() ?? nil)
        }
    }

    private final class Lines: Sendable {
        private let kept = Mutex<[JSON]>([])
        private let stream: AsyncStream<String>
        private let continuation: AsyncStream<String>.Continuation

        init() {
            (stream, continuation) = AsyncStream.makeStream()
        }

        var all: [JSON] { kept.withLock { $0 } }

        @Sendable func take(_ line: String) {
            guard let json = try? JSON(parsing: line) else { return }
            kept.withLock { $0.append(json) }
            continuation.yield(json["event"]?.string ?? "")
        }

        /// Waits for the line with which a program says that it holds, and whose program it is.
        func holder() async -> pid_t? {
            for await event in stream where event.hasPrefix("holding ") { return pid_t(event.dropFirst(8)) }
            return nil
        }
    }
}

/// Whether the process is gone, waiting up to ten seconds for it.
private func isGone(_ pid: pid_t) async -> Bool {
    await withCheckedContinuation { continuation in
        // A thread that waits must not be one that tasks run on.
        Thread.detachNewThread {
            let descriptor = penstock_pidfd_open(pid)
            guard descriptor >= 0 else { return continuation.resume(returning: errno == ESRCH) }
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let isGone = poll(&wait, 1, 10_000) == 1
            close(descriptor)
            continuation.resume(returning: isGone)
        }
    }
}

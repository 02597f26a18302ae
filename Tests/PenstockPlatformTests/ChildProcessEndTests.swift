import Dispatch
import Glibc
import Testing

@testable import PenstockPlatform

@Suite(.timeLimit(.minutes(1)))
struct ChildProcessEndTests {
    @Test func `a task that prefers an executor hears of an end that comes while it begins to wait`()
        async throws
    {
        let executor = Lane()
        try await withThrowingTaskGroup(of: ProgramExit.self) { group in
            for _ in 0..<8 {
                group.addTask(executorPreference: executor) {
                    for _ in 0..<100 {
                        _ = try await ChildProcess.run(Program(["/bin/true"], environment: [:], folder: "/"))
                    }
                    return try await ChildProcess.run(Program(["/bin/false"], environment: [:], folder: "/"))
                        .exit
                }
            }
            for try await exit in group { #expect(exit == .exited(code: 1)) }
        }
    }

    @Test func `a task that prefers an executor hears of an end that comes while it begins to ask`()
        async throws
    {
        let executor = Lane()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask(executorPreference: executor) {
                    for _ in 0..<100 {
                        let server = try await ServeProcess.start(
                            Program(["/bin/true"], environment: [:], folder: "/"))
                        let error = await #expect(throws: ChildProcessError.self) {
                            try await server.exchange([])
                        }
                        if case .ended? = error { continue }
                        Issue.record("\(String(describing: error))")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `cancelling ends a program that hangs after half an answer`() async throws {
        let lines = Lines()
        let run = Task {
            try await ChildProcess.run(
                .shell(#"printf '{"half":'; echo $$ >&2; exec sleep 1000"#), onErrorLine: lines.note)
        }
        let pid = try #require(pid_t(await lines.first()))
        run.cancel()
        await #expect(throws: ChildProcessError.cancelled(errorTail: "\(pid)")) { try await run.value }
        #expect(kill(pid, 0) == -1)
    }

    @Test func `a program that ignores TERM is killed`() async throws {
        let lines = Lines()
        let run = Task {
            try await ChildProcess.run(
                .shell("trap '' TERM; echo $$ >&2; while :; do sleep 1000; done"), limits: .impatient,
                onErrorLine: lines.note)
        }
        let pid = try #require(pid_t(await lines.first()))
        run.cancel()
        await #expect(throws: ChildProcessError.cancelled(errorTail: "\(pid)")) { try await run.value }
        #expect(kill(pid, 0) == -1)
    }

    @Test func `a program may clean up on TERM`() async throws {
        let lines = Lines()
        let run = Task {
            try await ChildProcess.run(
                .python(
                    """
                    import signal, sys
                    signal.signal(signal.SIGTERM, lambda *_: sys.exit("clean"))
                    print("up", file=sys.stderr, flush=True)
                    while True: signal.pause()
                    """), onErrorLine: lines.note)
        }
        _ = await lines.first()
        run.cancel()
        await #expect(throws: ChildProcessError.cancelled(errorTail: "up\nclean")) { try await run.value }
    }

    @Test func `a stopped program ends, too`() async throws {
        let lines = Lines()
        let run = Task {
            try await ChildProcess.run(.shell("echo $$ >&2; kill -STOP $$"), onErrorLine: lines.note)
        }
        _ = await lines.first()
        run.cancel()
        await #expect(throws: ChildProcessError.self) { try await run.value }
    }

    @Test func `a task that is cancelled already starts nothing`() async throws {
        let folder = try ScratchFolder()
        let path = folder.path
        let run = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await ChildProcess.run(.shell("touch started", folder: path))
        }
        await #expect(throws: ChildProcessError.cancelled(errorTail: "")) { try await run.value }
        #expect(access("\(path)/started", F_OK) == -1)
    }

    @Test func `what a program leaves behind with its output open is killed, and its exit counts`()
        async throws
    {
        let finished = try await ChildProcess.run(
            .shell("sleep 1000 & echo $!; exit 3"), limits: .impatient)
        #expect(finished.exit == .exited(code: 3))
        #expect(isGone(try #require(pid_t(finished.output.text.dropLast()))))
    }

    @Test func `what a program leaves behind with its output closed is killed`() async throws {
        let finished = try await ChildProcess.run(.shell("sleep 1000 >&- 2>&- & echo $!"))
        #expect(isGone(try #require(pid_t(finished.output.text.dropLast()))))
    }

    @Test func `what a program leaves behind may finish its output within the grace`() async throws {
        let waiting = "until grep -q '^State:.Z' /proc/$$/status; do :; done"
        let finished = try await ChildProcess.run(.shell("(\(waiting); echo late) & exit 0"))
        #expect(finished.output.text == "late\n")
    }

    @Test func `the whole group ends when the task is cancelled`() async throws {
        let lines = Lines()
        let run = Task {
            try await ChildProcess.run(
                .shell("sleep 1000 & echo $! >&2; sleep 1000"), onErrorLine: lines.note)
        }
        let pid = try #require(pid_t(await lines.first()))
        run.cancel()
        await #expect(throws: ChildProcessError.self) { try await run.value }
        #expect(isGone(pid))
    }
}

extension ChildLimits {
    static var impatient: ChildLimits {
        var limits = ChildLimits()
        limits.terminationGrace = .milliseconds(50)
        limits.endGrace = .milliseconds(50)
        return limits
    }
}

/// One thing after another, like the thread that runs a worker's jobs.
private final class Lane: TaskExecutor {
    private let queue = DispatchQueue(label: "lane")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

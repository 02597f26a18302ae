import Glibc
import Testing

@testable import PenstockPlatform

@Suite(.timeLimit(.minutes(1)))
struct ParentDeathTests {
    @Test func `a program dies with a worker that is killed, and so does what it started`() async throws {
        let result = await #expect(processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]) {
            _ = try await ChildProcess.run(
                .shell("sleep 1000 & echo $$ $! >&2; wait"),
                onErrorLine: { line in
                    var bytes = Array("pids \(line)\n".utf8)
                    write(STDOUT_FILENO, &bytes, bytes.count)
                    kill(getpid(), SIGKILL)
                })
        }
        try expectGone(result)
    }

    @Test func `a program that ignores every signal dies with a worker that crashes`() async throws {
        let result = await #expect(processExitsWith: .signal(SIGABRT), observing: [\.standardOutputContent]) {
            _ = try await ChildProcess.run(
                .shell("trap '' HUP TERM INT PIPE; sleep 1000 & echo $$ $! >&2; while :; do wait; done"),
                onErrorLine: { line in
                    var bytes = Array("pids \(line)\n".utf8)
                    write(STDOUT_FILENO, &bytes, bytes.count)
                    abort()
                })
        }
        try expectGone(result)
    }

    @Test func `a guard that was killed is replaced before the next program starts`() async throws {
        let result = await #expect(processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]) {
            let first = try await ServeProcess.start(.shell("sleep 1000 & while read x; do echo $$ $!; done"))
            let earlier = try await first.exchange([]).text
            // The guard is the child in a session of its own.
            let guards = try await ChildProcess.run(
                .shell("ps -o pid=,comm= --ppid \(getpid()) | grep penstock-guard"))
            let guardian = guards.output.text.split(separator: " ").first.flatMap { pid_t($0) } ?? 0
            guard guardian > 1 else { exit(EXIT_FAILURE) }
            kill(guardian, SIGKILL)
            // Its end of the socket closes while it dies, before it can be waited for.
            var info = siginfo_t()
            waitid(P_PID, id_t(guardian), &info, WEXITED | WNOWAIT)
            _ = try await ChildProcess.run(
                .shell("sleep 1000 & echo $$ $! >&2; wait"),
                onErrorLine: { line in
                    var bytes = Array("pids \(earlier) \(line)\n".utf8)
                    write(STDOUT_FILENO, &bytes, bytes.count)
                    kill(getpid(), SIGKILL)
                })
        }
        try expectGone(result)
    }

    private func expectGone(_ result: ExitTest.Result?) throws {
        let output = try #require(result).standardOutputContent.text
        let line = try #require(output.split(separator: "\n").first { $0.hasPrefix("pids ") })
        let pids = line.split(separator: " ").dropFirst().compactMap { pid_t($0) }
        #expect(pids.count >= 2)
        for pid in pids { #expect(isGone(pid)) }
    }
}

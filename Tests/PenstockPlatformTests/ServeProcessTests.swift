import Glibc
import Testing

@testable import PenstockPlatform

@Suite(.timeLimit(.minutes(1)))
struct ServeProcessTests {
    @Test func `each line has its answer`() async throws {
        let server = try await ServeProcess.start(.shell("while read line; do echo got $line; done"))
        for number in 0..<100 {
            #expect(try await server.exchange(Array("\(number)".utf8)).text == "got \(number)")
        }
        #expect(await server.isRunning)
        #expect(await server.stop() == .exited(code: 0))
        #expect(await !server.isRunning)
    }

    @Test func `a line of five megabytes comes back whole`() async throws {
        let server = try await ServeProcess.start(.shell("exec cat"))
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 5_000_000)
        #expect(try await server.exchange(line) == line)
        await server.stop()
    }

    @Test func `a program that dies tells its exit and its last words`() async throws {
        let lines = Lines()
        let server = try await ServeProcess.start(
            .shell("read line; echo I cannot >&2; exit 9"), onErrorLine: lines.note)
        await #expect(throws: ChildProcessError.ended(.exited(code: 9), errorTail: "I cannot")) {
            try await server.exchange([])
        }
        await #expect(throws: ChildProcessError.ended(.exited(code: 9), errorTail: "I cannot")) {
            try await server.exchange([])
        }
        #expect(lines.all == ["I cannot"])
        #expect(await !server.isRunning)
    }

    @Test func `a program that closes its output is ended`() async throws {
        let server = try await ServeProcess.start(.shell("exec >&-; exec sleep 1000"), limits: .impatient)
        await #expect(throws: ChildProcessError.ended(.signalled(number: SIGTERM), errorTail: "")) {
            try await server.exchange([])
        }
    }

    @Test func `cancelling an exchange ends the program before it returns`() async throws {
        let lines = Lines()
        let server = try await ServeProcess.start(
            .shell("read line; echo $$ >&2; exec sleep 1000"), onErrorLine: lines.note)
        let question = Task { try await server.exchange([]) }
        let pid = try #require(pid_t(await lines.first()))
        question.cancel()
        await #expect(throws: ChildProcessError.cancelled(errorTail: "\(pid)")) { try await question.value }
        #expect(kill(pid, 0) == -1)
    }

    @Test func `an exchange of a cancelled task asks nothing and leaves the program`() async throws {
        let server = try await ServeProcess.start(.shell("exec cat"))
        let question = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await server.exchange(Array("never".utf8))
        }
        await #expect(throws: ChildProcessError.cancelled(errorTail: "")) { try await question.value }
        #expect(try await server.exchange(Array("next".utf8)).text == "next")
        await server.stop()
    }

    @Test func `a second line in the answer ends the program`() async throws {
        let server = try await ServeProcess.start(.shell("read line; printf 'a\\nb\\n'; exec sleep 1000"))
        await #expect(throws: ChildProcessError.unaskedOutput(Array("a\nb\n".utf8), errorTail: "")) {
            try await server.exchange([])
        }
    }

    @Test func `an answer beyond the limit ends the program`() async throws {
        var limits = ChildLimits()
        limits.outputBytes = 1000
        let server = try await ServeProcess.start(.shell("read line; exec cat /dev/zero"), limits: limits)
        await #expect(throws: ChildProcessError.outputTooLarge(limit: 1000, errorTail: "")) {
            try await server.exchange([])
        }
    }

    @Test func `a second question at the same time is refused, and the first is answered`() async throws {
        let lines = Lines()
        let server = try await ServeProcess.start(
            .shell("read line; echo asked >&2; read line; echo never; sleep 1000"), onErrorLine: lines.note)
        let first = Task { try await server.exchange([]) }
        _ = await lines.first()
        await #expect(throws: ChildProcessError.busy) { try await server.exchange([]) }
        first.cancel()
        await #expect(throws: ChildProcessError.self) { try await first.value }
    }

    @Test func `a question of two lines is refused, and the program goes on`() async throws {
        let server = try await ServeProcess.start(.shell("exec cat"))
        await #expect(throws: ChildProcessError.questionNotOneLine) {
            try await server.exchange(Array("a\nb".utf8))
        }
        #expect(try await server.exchange(Array("a".utf8)).text == "a")
        await server.stop()
    }

    @Test func `a program that heeds neither the end of its input nor TERM is killed by a stop`() async throws
    {
        let lines = Lines()
        let server = try await ServeProcess.start(
            .shell("trap '' TERM; echo up >&2; while :; do sleep 1000; done"), limits: .impatient,
            onErrorLine: lines.note)
        _ = await lines.first()
        #expect(await server.stop() == .signalled(number: SIGKILL))
    }

    @Test func `a program that nobody holds any more ends`() async throws {
        let pid = try await {
            let server = try await ServeProcess.start(.shell("read line; echo $$; read line"))
            return try #require(pid_t(try await server.exchange([]).text))
        }()
        #expect(isGone(pid))
    }

    @Test func `a program that cannot be started is told at the start`() async throws {
        await #expect(throws: ChildProcessError.self) {
            try await ServeProcess.start(Program(["/no/such/program"]))
        }
    }
}

import Testing

@testable import PenstockPlatform

@Suite(.timeLimit(.minutes(1)))
struct ChildProcessTests {
    @Test func `five megabytes go through cat unchanged`() async throws {
        let input = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let finished = try await ChildProcess.run(.shell("cat"), input: input)
        #expect(finished.output == input)
        #expect(finished.exit == .exited(code: 0))
    }

    @Test func `a program that reads nothing does not hold up a large input`() async throws {
        let input = [UInt8](repeating: 7, count: 5_000_000)
        let finished = try await ChildProcess.run(.shell("echo done"), input: input)
        #expect(finished.output.text == "done\n")
        #expect(finished.exit.isSuccess)
    }

    @Test func `a program that ends without reading does no harm to a process that ignores no signal`() async
    {
        await #expect(processExitsWith: .success) {
            for _ in 0..<50 {
                _ = try await ChildProcess.run(.shell("exec <&-"), input: Array("unread".utf8))
            }
            let input = [UInt8](repeating: 7, count: 1_000_000)
            for _ in 0..<50 { _ = try await ChildProcess.run(.shell("exec <&-"), input: input) }
        }
    }

    @Test func `a program sees the end of its input`() async throws {
        let finished = try await ChildProcess.run(.shell("wc -c"), input: Array("four".utf8))
        #expect(finished.output.text.contains("4"))
    }

    @Test func `the exit code is told`() async throws {
        #expect(try await ChildProcess.run(.shell("exit 75")).exit == .exited(code: 75))
    }

    @Test func `a program that was killed by a signal says which`() async throws {
        #expect(try await ChildProcess.run(.shell("kill -SEGV $$")).exit == .signalled(number: 11))
    }

    @Test func `output beyond the limit ends the program`() async throws {
        var limits = ChildLimits()
        limits.outputBytes = 100_000
        await #expect(throws: ChildProcessError.outputTooLarge(limit: 100_000, errorTail: "so much")) {
            try await ChildProcess.run(.shell("echo so much >&2; exec cat /dev/zero"), limits: limits)
        }
    }

    @Test func `output that is not wanted has no limit`() async throws {
        var limits = ChildLimits()
        limits.outputBytes = 10
        let finished = try await ChildProcess.run(
            .shell("head -c 1000000 /dev/zero"), keepsOutput: false, limits: limits)
        #expect(finished.output.isEmpty)
        #expect(finished.exit.isSuccess)
    }

    @Test func `lines of standard error come in order, and their end is kept`() async throws {
        let lines = Lines()
        let finished = try await ChildProcess.run(
            .shell("echo one >&2; echo two >&2; printf three >&2; exit 1"), onErrorLine: lines.note)
        #expect(lines.all == ["one", "two", "three"])
        #expect(finished.errorTail == "one\ntwo\nthree")
    }

    @Test func `ten megabytes of standard error are drained, thinned, and their end is kept`() async throws {
        let lines = Lines()
        let finished = try await ChildProcess.run(
            .python("import sys\nfor n in range(200000): sys.stderr.write(f'{n:049}\\n')"),
            onErrorLine: lines.note)
        #expect(finished.exit.isSuccess)
        #expect(finished.errorTail.hasSuffix("199999"))
        #expect(finished.errorTail.utf8.count <= 4096)
        #expect(lines.all.reduce(0) { $0 + $1.utf8.count } < 1_000_000)
        #expect(lines.all.last?.hasSuffix("were left out here)") == true)
    }

    @Test func `the environment is what was given and nothing else`() async throws {
        let program = Program(["/usr/bin/env"], environment: ["A": "1", "B": "two words"], folder: "/tmp")
        let output = try await ChildProcess.run(program).output.text
        #expect(Set(output.split(separator: "\n")) == ["A=1", "B=two words"])
    }

    @Test func `a program starts with no signal ignored or blocked, and no descriptor but three`()
        async throws
    {
        Signals.ignoreBrokenPipe()
        let script = "grep -E '^Sig(Blk|Ign)' /proc/self/status; exec ls /proc/self/fd"
        let output = try await ChildProcess.run(.shell(script)).output.text
        let zeros = String(repeating: "0", count: 16)
        // ls itself has the folder open that it lists.
        #expect(output == "SigBlk:\t\(zeros)\nSigIgn:\t\(zeros)\n0\n1\n2\n3\n")
    }

    @Test func `two hundred programs run at once`() async throws {
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let finished = try await ChildProcess.run(.shell("cat"), input: Array("\(number)".utf8))
                    return Int(finished.output.text) ?? -1
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 199 * 200 / 2)
    }
}

import Glibc
import Testing

@testable import PenstockPlatform

@Suite(.timeLimit(.minutes(1)))
struct ChildProcessStartTests {
    @Test func `a program that is nowhere in the PATH is not found`() async throws {
        let program = Program(["no-such-program"], environment: ["PATH": "/usr/bin:/bin"], folder: "/tmp")
        #expect(try await refusal(of: program).contains("was not found in /usr/bin:/bin"))
    }

    @Test func `a file that is not there is not found`() async throws {
        let program = Program(["./no-such-program"], folder: "/tmp")
        #expect(try await refusal(of: program).contains("was not found from /tmp"))
    }

    @Test func `a file without the right to run is not executable`() async throws {
        let folder = try ScratchFolder()
        try folder.write("#!/bin/sh\n", to: "script", mode: 0o644)
        let program = Program(["./script"], folder: folder.path)
        #expect(try await refusal(of: program).contains("is not executable"))
    }

    @Test func `a script without a first line for the kernel is refused with a sentence`() async throws {
        let folder = try ScratchFolder()
        try folder.write("echo hello\n", to: "script", mode: 0o755)
        let program = Program(["./script"], folder: folder.path)
        #expect(try await refusal(of: program).contains("starts with #!"))
    }

    @Test func `a folder that is not there is named`() async throws {
        let program = Program(["/bin/true"], folder: "/no/such/folder")
        #expect(try await refusal(of: program).contains("cannot run in the folder /no/such/folder"))
    }

    @Test func `a relative program is found from its folder and runs there`() async throws {
        let folder = try ScratchFolder()
        try folder.write("#!/bin/sh\npwd\n", to: "script", mode: 0o755)
        #expect(try await run(Program(["./script"], folder: folder.path)).output.text == "\(folder.path)\n")
    }

    @Test func `a name without a slash is looked up in the PATH that was given`() async throws {
        let folder = try ScratchFolder()
        try folder.write("#!/bin/sh\necho mine\n", to: "ls", mode: 0o755)
        let program = Program(["ls"], environment: ["PATH": "/no/such/folder:\(folder.path):/bin"])
        #expect(try await run(program).output.text == "mine\n")
    }

    @Test func `a file without the right to run does not hide one further down the PATH`() async throws {
        let folder = try ScratchFolder()
        try folder.write("", to: "echo", mode: 0o644)
        let program = Program(["echo", "found"], environment: ["PATH": "\(folder.path):/bin"])
        #expect(try await run(program).output.text == "found\n")
    }

    @Test(arguments: [
        Program([]), Program([""]), Program(["a\0b"]), Program(["a"], environment: ["x=y": ""]),
        Program(["a"], environment: ["": "x"]), Program(["a"], folder: "/tmp\0"),
    ])
    func `what C cannot hold is refused`(_ program: Program) async {
        await #expect { try await run(program) } throws: { error in
            guard case .unusable = error as? ChildProcessError else { return false }
            return true
        }
    }

    @Test func `a failed start leaves no descriptor and no zombie`() async {
        await #expect(processExitsWith: .success) {
            _ = try? await ChildProcess.run(Program(["/no/such/program"]))
            let before = openDescriptors()
            for _ in 0..<50 { _ = try? await ChildProcess.run(Program(["/no/such/program"])) }
            exit(before == openDescriptors() && waitpid(-1, nil, WNOHANG) == 0 ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }

    @Test func `programs that ran leave no descriptor and no zombie`() async {
        await #expect(processExitsWith: .success) {
            _ = try await ChildProcess.run(.shell("cat"))
            let before = openDescriptors()
            try await withThrowingTaskGroup { group in
                for _ in 0..<200 {
                    group.addTask { try await ChildProcess.run(.shell("cat"), input: Array("x".utf8)) }
                }
                try await group.waitForAll()
            }
            for _ in 0..<10 {
                let server = try await ServeProcess.start(.shell("cat"))
                _ = try await server.exchange(Array("x".utf8))
                await server.stop()
            }
            exit(before == openDescriptors() && waitpid(-1, nil, WNOHANG) == 0 ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }

    private func run(_ program: Program) async throws -> ChildProcess.Finished {
        try await ChildProcess.run(program)
    }

    /// Why the program is of no use.
    private func refusal(of program: Program) async throws -> String {
        do throws(ChildProcessError) {
            _ = try await ChildProcess.run(program)
            return "it ran"
        } catch {
            guard case .unusable(program.name, let reason) = error else { throw error }
            return reason
        }
    }
}

private func openDescriptors() -> Int {
    guard let folder = opendir("/proc/self/fd") else { return -1 }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    return count
}

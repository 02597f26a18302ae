import Penstock
import Testing

@testable import PenstockCLI

@Suite("Commands")
struct RequestTests {
    @Test(arguments: [
        (["wrok"], #"there is no command "wrok"; did you mean "work"?"#),
        (["sesion", "list"], #"there is no command "sesion"; did you mean "session"?"#),
        (["job", "shwo", "7"], #"there is no command "job shwo"; did you mean "job show"?"#),
        (["job"], "job needs another word"),
        (["--json", "job", "list"], "flags stand behind the command"),
        (["job", "show"], "job show needs ID"),
        (["job", "show", "7", "8"], #"job show has no use for "8""#),
        (["work", "--slot", "3"], "work: there is no --slot here; did you mean --slots?"),
        (["work"], "work needs the folder with the flows"),
        (["enqueue", "my flow"], "a flow name is 1 to 100"),
        (["enqueue", "greet", "--input", "[1]"], "--input is a JSON object"),
        (["enqueue", "greet", "--input", "{"], "--input is no JSON"),
        (["enqueue", "greet", "--input", "@/no/such/file"], "--input: /no/such/file cannot be read"),
        (["enqueue", "greet", "--max-attempts", "0"], "--max-attempts is a whole number from 1"),
        (["enqueue", "greet", "--not-before", "tomorrow"], "--not-before is a time such as"),
        (
            ["enqueue", "greet", "--wait", "5s"],
            #"enqueue has no use for "5s"; --wait takes a number (SECONDS) or nothing"#
        ),
        (["enqueue", "greet", "--timeout-seconds", "0"], #"--timeout-seconds is a number above 0, not "0""#),
        (["enqueue", "greet", "--traceparent", "x"], #""traceparent" is a W3C trace context such as"#),
        (["enqueue", "greet", "--wait=soon"], "--wait is a number from 0"),
        (["job", "list", "--status", "runing"], #"--status is waiting, parked, scheduled, running"#),
        (
            ["dead", "list", "--reason", "faild"],
            "--reason is failed, crashed, expired, refused, conflict or unknown_flow, not \"faild\"; "
                + "did you mean \"failed\"?"
        ),
        (["dead", "remove", "--reason", "other"], "--reason is failed, crashed"),
        (["dead", "retry"], "name one of the dead"),
        (["dead", "retry", "7", "--all"], "name one of the dead"),
        (["completion", "fish"], "completion is for bash or zsh"),
        (["help", "jobs"], #"there is no command "jobs"; did you mean "job"?"#),
        (["session", "list", "--store-url", "memory:"], "the store is memory:"),
        (["session", "list", "--store-url", "postgress://h"], "--store-url: there is no store"),
    ])
    func `wrong usage ends with 2 and a sentence`(_ arguments: [String], _ start: String) async {
        let answer = await CapturedOutput.run(arguments)
        #expect(answer.code == .misused)
        #expect(answer.errors.hasPrefix("penstock: \(start)"), "\(answer.errors)")
        #expect(answer.output.isEmpty)
    }

    @Test(arguments: CommandTable.all.map(\.name))
    func `every command says what it does, by help and by flag`(_ name: String) async throws {
        let command = try #require(CommandTable.command(name))
        let byFlag = await CapturedOutput.run(name.split(separator: " ").map(String.init) + ["--help"])
        let byWord = await CapturedOutput.run(["help"] + name.split(separator: " ").map(String.init))
        #expect(byFlag.code == .done)
        #expect(byFlag.output == byWord.output)
        #expect(byFlag.output.contains("usage: \(command.usage)"))
        for flag in command.allFlags { #expect(byFlag.output.contains("--\(flag.name)"), "\(flag.name)") }
        for line in byFlag.output.split(separator: "\n") { #expect(line.count <= 120, "\(line)") }
    }

    @Test func `no command has two flags of one name`() {
        for command in CommandTable.all {
            let names = command.allFlags.map(\.name)
            #expect(Set(names).count == names.count, "\(command.name)")
        }
    }

    @Test func `the overview lists every command`() async {
        for arguments in [[], ["help"], ["--help"], ["-h"]] {
            let answer = await CapturedOutput.run(arguments)
            #expect(answer.code == .done)
            for command in CommandTable.all { #expect(answer.output.contains("  \(command.name) ")) }
        }
    }

    @Test func `a noun alone is explained by its verbs`() async {
        let answer = await CapturedOutput.run(["session", "--help"])
        #expect(answer.code == .done)
        #expect(answer.output.contains("penstock session history ID"))
    }

    @Test func `the version is printed, also as JSON`() async {
        #expect(await CapturedOutput.run(["--version"]).output == "penstock \(Version.text)\n")
        #expect(await CapturedOutput.run(["version", "--json"]).json?["version"]?.string == Version.text)
    }

    @Test func `a Redis that is not there ends with 3 at once`() async {
        for command in [["job", "show", "7"], ["queue", "list"], ["session", "list"], ["doctor"]] {
            let answer = await CapturedOutput.run(command + ["--redis-url", "redis+unix:///no/such.sock"])
            #expect(answer.code == .unreachable)
            #expect(
                answer.errors.hasPrefix("penstock: Redis at redis+unix:///no/such.sock cannot be reached"))
        }
    }
}

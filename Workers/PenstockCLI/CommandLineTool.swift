import Glibc
import Penstock
import PenstockPlatform

/// The program `penstock`.
@main struct CommandLineTool {
    static func main() async {
        Signals.ignoreBrokenPipe()
        exit(await run(Array(CommandLine.arguments.dropFirst()), output: .standard).rawValue)
    }

    /// Does what a command line asks for, and says on standard error why it could not.
    static func run(_ arguments: [String], output: Output) async -> ExitCode {
        do {
            switch try Request(arguments) {
            case .help(let text):
                output.write(text)
                return .done
            case .run(let command, let parsed):
                let invocation = try Invocation(command, parsed, output: output)
                return try await command.run(invocation)
            }
        } catch {
            let failure = Failure(error)
            output.complain(failure.description)
            return failure.code
        }
    }
}

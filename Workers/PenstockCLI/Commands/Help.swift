import Penstock
import PenstockModel

extension Command {
    static let help = Command(
        name: "help", summary: "show this, or what a command does",
        words: [Word(name: "COMMAND", isRequired: false)]
    ) { invocation in
        let name = invocation.arguments.words.joined(separator: " ")
        if name.isEmpty {
            invocation.output.write(HelpText.overview)
        } else if let command = CommandTable.command(name) {
            invocation.output.write(HelpText.of(command))
        } else if !CommandTable.commands(of: name).isEmpty {
            invocation.output.write(HelpText.noun(name))
        } else {
            throw Failure.misused(
                "there is no command \"\(name)\""
                    + Nearest.suggestion(
                        for: name, among: CommandTable.all.map(\.name) + CommandTable.firstWords))
        }
        return .done
    }
}

import Penstock
import PenstockModel

/// What a command line asks for.
enum Request {
    case help(String)
    case run(Command, ParsedArguments)

    /// Understands a command line.
    ///
    /// - Throws: ``Failure`` with a sentence and, where somebody seems to have mistyped, a suggestion.
    init(_ arguments: [String]) throws(Failure) {
        guard let first = arguments.first else {
            self = .help(HelpText.overview)
            return
        }
        if first == "--help" || first == "-h" {
            self = .help(HelpText.overview)
            return
        }
        if first == "--version" {
            self = .run(.version, try Self.parse([], for: .version))
            return
        }
        guard !first.hasPrefix("-") else {
            throw .misused("flags stand behind the command, as in: penstock job list --json")
        }
        if let command = CommandTable.command(first) {
            try self.init(command, arguments.dropFirst())
            return
        }
        let verbs = CommandTable.commands(of: first)
        guard !verbs.isEmpty else {
            throw .misused(
                "there is no command \"\(first)\""
                    + Self.suggestion(for: first, among: CommandTable.firstWords),
                "penstock help lists the commands")
        }
        guard arguments.count > 1, arguments[1] != "--help", arguments[1] != "-h" else {
            if arguments.count > 1 {
                self = .help(HelpText.noun(first))
                return
            }
            throw .misused("\(first) needs another word", Self.list(of: verbs))
        }
        guard let command = CommandTable.command("\(first) \(arguments[1])") else {
            let words = verbs.map { String($0.name.dropFirst(first.count + 1)) }
            throw .misused(
                "there is no command \"\(first) \(arguments[1])\""
                    + Self.suggestion(for: arguments[1], among: words, after: first + " "),
                Self.list(of: verbs))
        }
        try self.init(command, arguments.dropFirst(2))
    }

    private init(_ command: Command, _ rest: ArraySlice<String>) throws(Failure) {
        let parsed = try Self.parse(rest, for: command)
        if parsed.has(ParsedArguments.helpFlag.name) {
            self = .help(HelpText.of(command))
            return
        }
        let required = command.words.count { $0.isRequired }
        guard parsed.words.count >= required else {
            let missing = command.words[parsed.words.count].name
            throw .misused("\(command.name) needs \(missing)", "usage: \(command.usage)")
        }
        if parsed.words.count > command.words.count, command.name != "help" {
            throw .misused(
                "\(command.name) has no use for \"\(parsed.words[command.words.count])\""
                    + Self.numberLeftOut(parsed, of: command), "usage: \(command.usage)")
        }
        self = .run(command, parsed)
    }

    private static func parse(
        _ arguments: ArraySlice<String>, for command: Command
    ) throws(Failure) -> ParsedArguments {
        do throws(ArgumentFault) {
            return try ParsedArguments(arguments, known: command.allFlags)
        } catch {
            throw .misused("\(command.name): \(error)", "penstock \(command.name) --help lists its flags")
        }
    }

    /// What a flag takes that was given without its number, which may have been meant to stand there.
    private static func numberLeftOut(_ parsed: ParsedArguments, of command: Command) -> String {
        for flag in command.ownFlags where parsed[flag.name] == "" {
            if case .optionalNumber(let word) = flag.value {
                return "; --\(flag.name) takes a number (\(word)) or nothing"
            }
        }
        return ""
    }

    private static func suggestion(
        for word: String, among words: [String], after start: String = ""
    ) -> String {
        Nearest.candidate(to: word, among: words).map { "; did you mean \"\(start)\($0)\"?" } ?? ""
    }

    private static func list(of commands: [Command]) -> String {
        "there are: " + commands.map(\.name).joined(separator: ", ")
    }
}

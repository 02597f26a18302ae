import Penstock

/// What `--help` prints, out of the table of commands.
enum HelpText {
    static var overview: String {
        """
        penstock: a message-queue worker pool that runs checkpointed flows

        usage: penstock COMMAND [flags]

        \(TwoColumns.text(CommandTable.all.map { ($0.name, $0.summary) }))
        penstock COMMAND --help says more about a command, penstock dev is a good start.
        Exit codes: 0 done, 1 the thing asked about failed, 2 wrong usage or settings, 3 Redis or the store
        cannot be reached.

        """
    }

    static func noun(_ noun: String) -> String {
        "usage:\n"
            + TwoColumns.text(CommandTable.commands(of: noun).map { ($0.usage, $0.summary) })
    }

    static func of(_ command: Command) -> String {
        var text = "\(command.summary.capitalizedFirst)\n\nusage: \(command.usage)\n"
        if !command.notes.isEmpty { text += "\n\(command.notes)\n" }
        let own = command.ownFlags + [ParsedArguments.helpFlag]
        text += "\nFlags\n" + TwoColumns.text(own.map { ($0.usage, $0.meaning) })
        guard !command.settings.isEmpty else { return text }
        for group in Setting.Group.allCases where command.settings.contains(group) {
            let flags = command.settingFlags(of: group)
            text += "\n\(group.rawValue)\n" + TwoColumns.text(flags.map { ($0.usage, $0.meaning) })
        }
        text += "\nSettings\n" + TwoColumns.text([(Settings.fileFlag.usage, Settings.fileFlag.meaning)])
        text += "  A flag goes before the environment, the environment before the file.\n"
        return text
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

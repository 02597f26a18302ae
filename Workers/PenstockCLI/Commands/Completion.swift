import Penstock

extension Command {
    static let completion = Command(
        name: "completion",
        summary: "print what makes a shell complete penstock's words",
        words: [Word(name: "bash|zsh")],
        notes: """
              source <(penstock completion bash)
              penstock completion zsh > "${fpath[1]}/_penstock"
            """
    ) { invocation in
        switch invocation.word(0) {
        case "bash": invocation.output.write(Completion.bash)
        case "zsh": invocation.output.write(Completion.zsh)
        case let shell: throw Failure.misused("completion is for bash or zsh, not \"\(shell)\"")
        }
        return .done
    }
}

/// Scripts for shells, out of the table of commands.
private enum Completion {
    static var bash: String {
        """
        # Completes penstock's commands and flags. Made by `penstock completion bash`.
        _penstock() {
            local word=${COMP_WORDS[COMP_CWORD]} first=${COMP_WORDS[1]} command
            if ((COMP_CWORD == 1)); then
                COMPREPLY=($(compgen -W '\(CommandTable.firstWords.joined(separator: " "))' -- "$word"))
                return
            fi
            command=$first
            case $first in
        \(nouns.map { "    \($0)) command=\"$first ${COMP_WORDS[2]}\" ;;" }.joined(separator: "\n"))
            esac
            if ((COMP_CWORD == 2)); then
                case $first in
        \(nouns.map { "        \($0)) COMPREPLY=($(compgen -W '\(verbs(of: $0))' -- \"$word\")); return ;;" }
            .joined(separator: "\n"))
                esac
            fi
            case $command in
        \(CommandTable.all.map { "    '\($0.name)') COMPREPLY=($(compgen -W '\(flags(of: $0))' -- \"$word\")) ;;" }
            .joined(separator: "\n"))
            esac
        }
        complete -o default -F _penstock penstock

        """
    }

    static var zsh: String {
        """
        #compdef penstock
        # Completes penstock's commands and flags. Made by `penstock completion zsh`.
        _penstock() {
            local command=$words[2]
            if ((CURRENT == 2)); then
                compadd \(CommandTable.firstWords.joined(separator: " "))
                return
            fi
            case $command in
        \(nouns.map { "    \($0)) command=\"$words[2] $words[3]\"; ((CURRENT == 3)) && { compadd \(verbs(of: $0)); return } ;;" }
            .joined(separator: "\n"))
            esac
            case $command in
        \(CommandTable.all.map { "    '\($0.name)') [[ $PREFIX == -* ]] && compadd -- \(flags(of: $0)) || _files ;;" }
            .joined(separator: "\n"))
            esac
        }
        _penstock "$@"

        """
    }

    private static var nouns: [String] {
        CommandTable.firstWords.filter { !CommandTable.commands(of: $0).isEmpty }
    }

    private static func verbs(of noun: String) -> String {
        CommandTable.commands(of: noun).map { String($0.name.dropFirst(noun.count + 1)) }
            .joined(separator: " ")
    }

    private static func flags(of command: Command) -> String {
        (command.allFlags + [ParsedArguments.helpFlag]).map { "--\($0.name)" }.joined(separator: " ")
    }
}

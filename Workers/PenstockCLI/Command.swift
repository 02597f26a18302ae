import Penstock

/// One thing that `penstock` does. Parsing, help, completion and suggestions all come from this.
struct Command: Sendable {
    /// A word behind the command that is no flag.
    struct Word: Sendable {
        let name: String
        var isRequired = true
    }

    /// What it is called: `work`, or a noun and a verb, `job show`.
    let name: String
    /// In some words without a full stop.
    let summary: String
    var words: [Word] = []
    /// Its own flags, beside those of its settings.
    var flags: [Flag] = []
    /// The settings that its command line takes; the environment and the file may hold all of them.
    var settings: Set<Setting.Group> = []
    /// Whether it prints data, and knows `--json`.
    var printsData = false
    /// What else there is to say, examples above all.
    var notes = ""
    let run: @Sendable (Invocation) async throws -> ExitCode

    static let jsonFlag = Flag("json", .none, "print JSON, for programs")

    /// The noun of `job show`; `nil` for a command of one word.
    var noun: String? { name.contains(" ") ? name.split(separator: " ").first.map(String.init) : nil }

    /// The flags of its own.
    var ownFlags: [Flag] { flags + (printsData ? [Self.jsonFlag] : []) }

    func settingFlags(of group: Setting.Group) -> [Flag] {
        settings.contains(group) ? Setting.all.filter { $0.group == group }.map(\.flag) : []
    }

    /// All flags that it takes.
    var allFlags: [Flag] {
        ownFlags + (settings.isEmpty ? [] : [Settings.fileFlag])
            + Setting.Group.allCases.flatMap { settingFlags(of: $0) }
    }

    /// `penstock job show ID [flags]`
    var usage: String {
        let words = words.map { $0.isRequired ? " \($0.name)" : " [\($0.name)]" }.joined()
        return "penstock \(name)\(words)" + (allFlags.isEmpty ? "" : " [flags]")
    }
}

import PenstockModel

/// A command line, taken apart: flags by name, and the words that are none.
package struct ParsedArguments: Hashable, Sendable {
    /// Values by the flag's name; of a flag that stands twice the last counts. A flag without a value has an empty one.
    package private(set) var flags: [String: String] = [:]
    package private(set) var words: [String] = []

    /// Takes apart what was written behind a command.
    ///
    /// `--flag value` and `--flag=value` are the same; behind `--` everything is a word, and so is a lone `-`.
    package init(_ arguments: some Sequence<String>, known: [Flag]) throws(ArgumentFault) {
        var rest = Array(arguments)[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                words += rest
                return
            }
            guard argument.hasPrefix("-"), argument != "-" else {
                words.append(argument)
                continue
            }
            let (flag, attached) = try Self.find(argument, among: known)
            flags[flag.name] = try Self.value(of: flag, attached, &rest)
        }
    }

    /// Whether a flag without a value was given.
    package func has(_ flag: String) -> Bool { flags[flag] != nil }

    package subscript(flag: String) -> String? { flags[flag] }

    private static func find(
        _ argument: String, among known: [Flag]
    ) throws(ArgumentFault) -> (Flag, attached: String?) {
        if argument == "-h" { return (helpFlag, nil) }
        let parts = argument.drop { $0 == "-" }.split(
            separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.first.map(String.init) ?? ""
        if argument.hasPrefix("--"), let flag = (known + [helpFlag]).first(where: { $0.name == name }) {
            return (flag, parts.count == 2 ? String(parts[1]) : nil)
        }
        // `--grace_seconds` and `-slots` are what somebody means who knows the file's keys or other programs.
        let meant =
            known.first { $0.name == name.replacing("_", with: "-") }?.name
            ?? Nearest.candidate(to: name, among: known.map(\.name))
        let shown = parts.first.map { argument.hasPrefix("--") ? "--\($0)" : "-\($0)" } ?? argument
        throw ArgumentFault(
            "there is no \(shown) here" + (meant.map { "; did you mean --\($0)?" } ?? ""))
    }

    private static func value(
        of flag: Flag, _ attached: String?, _ rest: inout ArraySlice<String>
    ) throws(ArgumentFault) -> String {
        switch flag.value {
        case .none:
            return attached ?? ""
        case .required:
            if let attached { return attached }
            guard let next = rest.first, !next.hasPrefix("--") else {
                throw ArgumentFault("--\(flag.name) needs a value: \(flag.usage)")
            }
            rest.removeFirst()
            return next
        case .optionalNumber:
            if let attached { return attached }
            guard let next = rest.first, Double(next) != nil else { return "" }
            rest.removeFirst()
            return next
        }
    }

    /// Every command knows it.
    package static let helpFlag = Flag("help", .none, "show this")
}

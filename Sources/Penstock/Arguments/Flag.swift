/// Something that may stand on a command line: `--slots N`, `--json`.
package struct Flag: Hashable, Sendable {
    package enum Value: Hashable, Sendable {
        /// It stands alone, or with `=true` or `=false`.
        case none
        /// `--slots N`: the word for it in help texts.
        case required(String)
        /// `--wait`, `--wait N`: only a number is taken for it.
        case optionalNumber(String)
    }

    /// Without the two hyphens.
    package let name: String
    package let value: Value
    /// What it does, in some words without a full stop.
    package let meaning: String

    package init(_ name: String, _ value: Value = .none, _ meaning: String) {
        self.name = name
        self.value = value
        self.meaning = meaning
    }

    /// As help texts show it: `--slots N`.
    package var usage: String {
        switch value {
        case .none: "--\(name)"
        case .required(let word): "--\(name) \(word)"
        case .optionalNumber(let word): "--\(name) [\(word)]"
        }
    }
}

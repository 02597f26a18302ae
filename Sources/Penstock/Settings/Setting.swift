/// One key that can be set: what it is called everywhere, what it means, and how its text is read.
package struct Setting: Sendable {
    package enum Group: String, Sendable, CaseIterable {
        case redis = "Redis"
        case store = "Store"
        case work = "Work"
        case limits = "Limits"
        case log = "Log"
    }

    /// In the file: `grace_seconds`.
    package let key: String
    package let group: Group
    /// The word for its value in help texts; `nil` for a switch.
    package let value: String?
    package let unit: String
    package let standard: String
    /// In some words without a full stop.
    package let meaning: String
    package let set: @Sendable (inout Settings, String) throws(SettingFault) -> Void

    package init(
        _ key: String, _ group: Group, _ value: String?, unit: String = "", standard: String,
        _ meaning: String, set: @escaping @Sendable (inout Settings, String) throws(SettingFault) -> Void
    ) {
        self.key = key
        self.group = group
        self.value = value
        self.unit = unit
        self.standard = standard
        self.meaning = meaning
        self.set = set
    }

    /// In the environment: `PENSTOCK_GRACE_SECONDS`.
    package var variable: String { Self.variablePrefix + key.uppercased() }
    /// On the command line: `grace-seconds`.
    package var flagName: String { key.replacing("_", with: "-") }

    package var flag: Flag {
        var more = variable
        if !standard.isEmpty { more += "; default: \(standard)" }
        return Flag(flagName, value.map { .required($0) } ?? .none, "\(meaning) (\(more))")
    }

    static let variablePrefix = "PENSTOCK_"
}

/// Why a text cannot be the value of a setting.
package enum SettingFault: Error, Hashable, Sendable {
    /// What it has to be: "a whole number from 1 to 1000", and the end of the sentence: "; did you mean …". The text may be shown.
    case expected(String, suggestion: String = "")
    /// A sentence of its own; the text may hold a secret and is not shown.
    case sentence(String)
}

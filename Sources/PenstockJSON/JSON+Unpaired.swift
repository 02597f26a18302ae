extension JSON {
    /// The way to the first text or key with half of a surrogate pair in it, such as `.input.names[2]`; `nil` if there is none.
    package var wayToUnpaired: String? {
        switch self {
        case .unpaired: return ""
        case .array(let values):
            for (index, value) in values.enumerated() {
                if let rest = value.wayToUnpaired { return "[\(index)]\(rest)" }
            }
        case .object(let object):
            for entry in object.entries {
                if entry.key.isUnpaired { return ".\(entry.key.visible)" }
                if let rest = entry.value.wayToUnpaired { return ".\(entry.key.text)\(rest)" }
            }
        case .null, .bool, .number, .string: break
        }
        return nil
    }
}

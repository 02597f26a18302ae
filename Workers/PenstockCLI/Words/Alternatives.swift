extension [String] {
    /// `a, b or c`
    var alternatives: String { dropLast().joined(separator: ", ") + " or " + (last ?? "") }
}

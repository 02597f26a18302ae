/// The place of an element, in a coding path.
struct JSONIndex: CodingKey {
    let index: Int

    init(_ index: Int) { self.index = index }
    init?(intValue: Int) { index = intValue }
    init?(stringValue: String) { return nil }

    var intValue: Int? { index }
    var stringValue: String { "[\(index)]" }
}

/// The key of what a class leaves to its superclass.
struct JSONSuperKey: CodingKey {
    init() {}
    init?(intValue: Int) { return nil }
    init?(stringValue: String) { return nil }

    var intValue: Int? { nil }
    var stringValue: String { "super" }
}

extension [any CodingKey] {
    /// The path as one would write it: `items[3].price`.
    var sentence: String {
        var text = ""
        for key in self {
            if !text.isEmpty, !(key is JSONIndex) { text += "." }
            text += key.stringValue
        }
        return text
    }
}

/// A key of an object, compared byte by byte; also one that `String` cannot hold.
struct JSONKey: Sendable {
    /// The key, or what stands between its quotes in JSON if it is unpaired.
    let text: String
    /// Whether it has half of a surrogate pair in it.
    let isUnpaired: Bool

    init(_ text: String) {
        self.text = text
        isUnpaired = false
    }

    init(_ text: JSONUnpairedText) {
        self.text = text.escaped
        isUnpaired = true
    }

    /// The key as a `String`, U+FFFD where half of a surrogate pair stands.
    var visible: String { isUnpaired ? repair(text) : text }

    @inline(__always)
    func isPlain(_ key: String) -> Bool { !isUnpaired && text.hasSameBytes(as: key) }
}

extension JSONKey: Hashable {
    @inline(__always)
    static func == (left: Self, right: Self) -> Bool {
        left.isUnpaired == right.isUnpaired && left.text.hasSameBytes(as: right.text)
    }

    func hash(into hasher: inout Hasher) {
        text.hashBytes(into: &hasher)
    }
}

/// What was made of the texts of statements, the lately used ones in front.
///
/// They are found by comparing texts: those of our callers are few and mostly the very same string, which is faster
/// than hashing a long one.
struct MySQLTextCache<Value> {
    private static var capacity: Int { 32 }

    private var entries: [(text: String, value: Value)] = []

    mutating func value(of text: String) -> Value? {
        guard let index = entries.firstIndex(where: { $0.text == text }) else { return nil }
        guard index > 3 else { return entries[index].value }
        entries.swapAt(index, index / 2)
        return entries[index / 2].value
    }

    /// - Returns: The one that had to make room.
    mutating func add(_ value: Value, for text: String) -> Value? {
        let last = entries.count == Self.capacity ? entries.removeLast().value : nil
        entries.insert((text, value), at: 0)
        return last
    }

    mutating func removeAll() -> [Value] {
        defer { entries = [] }
        return entries.map(\.value)
    }
}

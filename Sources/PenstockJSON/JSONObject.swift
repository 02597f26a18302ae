/// A JSON object: values by key, in the order in which the keys came.
///
/// Keys are compared byte by byte. Looking up takes the same time however many keys there are; removing one
/// takes time for all of them. The order of keys does not count when two objects are compared.
public struct JSONObject: Sendable {
    struct Entry: Sendable {
        let key: JSONKey
        var value: JSON
    }

    /// From how many keys on they are found by hash; fewer are compared one by one.
    static let indexedFrom = 17

    private(set) var entries: [Entry]
    /// Where each key stands in `entries`, once there are many.
    private var index: [JSONKey: Int]?

    /// An object without keys.
    public init() {
        entries = []
    }

    /// An object of these pairs; of two equal keys the later value counts, in the earlier one's place.
    public init(_ pairs: some Sequence<(String, JSON)>) {
        self.init()
        for (key, value) in pairs { set(JSONKey(key), to: value) }
    }

    /// An object of entries whose keys all differ; `index` says where each stands, if there are `indexedFrom` or
    /// more.
    init(entries: [Entry], index: [JSONKey: Int]?) {
        self.entries = entries
        self.index = index
    }

    /// How many keys there are.
    public var count: Int { entries.count }

    /// Whether there are no keys.
    public var isEmpty: Bool { entries.isEmpty }

    /// The keys, in order; U+FFFD stands where a key has half of a surrogate pair.
    public var keys: [String] { entries.map(\.key.visible) }

    /// The values, in the order of their keys.
    public var values: [JSON] { entries.map(\.value) }

    /// The value under `key`. Setting nil removes the key; `.null` sets `null`.
    public subscript(key: String) -> JSON? {
        get {
            position(of: key).map { entries[$0].value }
        }
        set {
            if let newValue { set(JSONKey(key), to: newValue) } else { removeValue(forKey: key) }
        }
    }

    /// Whether there is a value under `key`, be it `null`.
    public func has(_ key: String) -> Bool { position(of: key) != nil }

    /// Removes `key`.
    ///
    /// - Returns: The value that it had.
    @discardableResult
    public mutating func removeValue(forKey key: String) -> JSON? {
        guard let position = position(of: key) else { return nil }
        let removed = entries.remove(at: position).value
        reindex()
        return removed
    }

    /// Removes all keys for which `condition` holds, in one go.
    public mutating func removeAll(where condition: (_ key: String, _ value: JSON) throws -> Bool) rethrows {
        try entries.removeAll { try condition($0.key.visible, $0.value) }
        reindex()
    }

    /// Takes over all of the other object's keys; where both have one, the other's value counts.
    public mutating func merge(_ other: JSONObject) {
        for entry in other.entries { set(entry.key, to: entry.value) }
    }

    /// The part of the object under these keys, each key exactly as it is here.
    package func only(_ keys: some Sequence<String>) -> JSONObject {
        let wanted = Set(keys.map { JSONKey($0) })
        var part = JSONObject()
        for entry in entries where wanted.contains(JSONKey(entry.key.visible)) {
            part.set(entry.key, to: entry.value)
        }
        return part
    }

    /// Where the plain key `key` stands in `entries`.
    func position(of key: String) -> Int? {
        if let index { return index[JSONKey(key)] }
        for position in entries.indices where entries[position].key.isPlain(key) { return position }
        return nil
    }

    mutating func set(_ key: JSONKey, to value: JSON) {
        if let position = position(of: key) {
            entries[position].value = value
            return
        }
        entries.append(Entry(key: key, value: value))
        if index != nil {
            index?[key] = entries.count - 1
        } else if entries.count >= Self.indexedFrom {
            reindex()
        }
    }

    func position(of key: JSONKey) -> Int? {
        if let index { return index[key] }
        for position in entries.indices where entries[position].key == key { return position }
        return nil
    }

    private mutating func reindex() {
        guard entries.count >= Self.indexedFrom else {
            index = nil
            return
        }
        var fresh = [JSONKey: Int](minimumCapacity: entries.count)
        for (position, entry) in entries.enumerated() { fresh[entry.key] = position }
        index = fresh
    }
}

extension JSONObject: Hashable {
    /// Whether both have the same keys with the same values, in any order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        for (position, entry) in left.entries.enumerated() {
            // Mostly both are in the same order.
            if right.entries[position].key == entry.key {
                guard right.entries[position].value == entry.value else { return false }
            } else {
                guard let other = right.position(of: entry.key), right.entries[other].value == entry.value
                else {
                    return false
                }
            }
        }
        return true
    }

    /// Feeds what equality compares into `hasher`.
    public func hash(into hasher: inout Hasher) {
        var sum = 0
        for entry in entries {
            var own = Hasher()
            own.combine(entry.key)
            own.combine(entry.value)
            sum &+= own.finalize()
        }
        hasher.combine(sum)
    }
}

extension JSONObject: RandomAccessCollection {
    /// The first position, 0.
    public var startIndex: Int { 0 }
    /// The position behind the last key.
    public var endIndex: Int { entries.count }

    /// The key and value at a position, in the order in which the keys came.
    public subscript(position: Int) -> (key: String, value: JSON) {
        (entries[position].key.visible, entries[position].value)
    }
}

extension JSONObject: CustomStringConvertible {
    /// The object as compact JSON.
    public var description: String { JSON.object(self).text }
}

/// The keys of an object that is being read, so that one that comes twice is noticed in constant time.
struct SeenKeys {
    /// Where the object's entries start on the stack.
    let start: Int
    /// A bit for each kind of key (by length, first and last byte) that has come: most keys are new at a
    /// glance.
    private var kinds: UInt64 = 0
    /// Where each key stands in its object, once there are many.
    private(set) var index: [JSONKey: Int]?

    init(start: Int) { self.start = start }

    /// Notes a key that is about to be pushed onto the stack.
    ///
    /// - Returns: The place on the stack of the entry that has this key already; nil if it is new.
    @inline(__always)
    mutating func note(_ key: JSONKey, among entries: borrowing ScratchStack<JSONObject.Entry>) -> Int? {
        if entries.count &- start >= JSONObject.indexedFrom - 1 { return noteIndexed(key, among: entries) }
        let kind = key.text.withBytes(kindOfKey)
        if kinds & kind == 0 {
            kinds |= kind
            return nil
        }
        for place in start..<entries.count where entries[place].key == key { return place }
        return nil
    }

    @inline(never)
    private mutating func noteIndexed(
        _ key: JSONKey, among entries: borrowing ScratchStack<JSONObject.Entry>
    ) -> Int? {
        if index == nil {
            var fresh: [JSONKey: Int] = [:]
            for place in start..<entries.count { fresh[entries[place].key] = place - start }
            index = fresh
        }
        if let earlier = index?[key] { return start + earlier }
        index?[key] = entries.count - start
        return nil
    }
}

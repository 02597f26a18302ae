import Glibc

/// Where the keys of all open objects were written, so that a key that is written twice is noticed.
struct WrittenKeys {
    /// The keys of one object: the last ones, while it is the innermost.
    struct Group {
        /// Where its keys begin among all.
        let first: Int
        /// A bit for each kind of key (by length, first and last byte): most keys are new at a glance.
        fileprivate var kinds: UInt64 = 0
        /// Where each key stands, once there are many.
        fileprivate var isIndexed = false

        init(first: Int) { self.first = first }
    }

    /// From how many keys on an object's are found by hash.
    private static let indexedFrom = 32

    /// The offset of each key's opening quote.
    private var offsets: [Int] = []
    /// Where each written key stands among all, by the first key's place of the large objects.
    private var indexes: [Int: [JSONKey: Int]] = [:]

    var count: Int { offsets.count }

    var newGroup: Group { Group(first: offsets.count) }

    /// Notes a key that was just written.
    ///
    /// - Returns: The place of the earlier key of the group that is the same.
    @inline(__always)
    mutating func note(
        _ kind: UInt64, at offset: Int, in group: inout Group, writtenIn sink: borrowing ByteSink
    ) -> Int? {
        var earlier: Int?
        if group.isIndexed || offsets.count &- group.first >= Self.indexedFrom {
            earlier = noteIndexed(at: offset, in: &group, writtenIn: sink)
        } else if group.kinds & kind != 0 {
            earlier = place(of: offset, in: group, writtenIn: sink)
        }
        group.kinds |= kind
        offsets.append(offset)
        return earlier
    }

    private func place(of offset: Int, in group: Group, writtenIn sink: borrowing ByteSink) -> Int? {
        // With its quotes no key is the start of another.
        let length = sink.count - offset
        for place in group.first..<offsets.count
        where memcmp(sink.base + offsets[place], sink.base + offset, length) == 0 {
            return place
        }
        return nil
    }

    @inline(never)
    private mutating func noteIndexed(
        at offset: Int, in group: inout Group, writtenIn sink: borrowing ByteSink
    ) -> Int? {
        if !group.isIndexed {
            group.isIndexed = true
            var index: [JSONKey: Int] = [:]
            for place in group.first..<offsets.count {
                index[key(at: offsets[place], writtenIn: sink)] = place
            }
            indexes[group.first] = index
        }
        let key = key(at: offset, writtenIn: sink)
        let earlier = indexes[group.first]?[key]
        indexes[group.first]?[key] = offsets.count
        return earlier
    }

    /// What stands between the quotes of a written key.
    private func key(at offset: Int, writtenIn sink: borrowing ByteSink) -> JSONKey {
        let start = sink.base + offset + 1
        var length = 0
        while start[length] != UInt8(ascii: "\"") { length += start[length] == UInt8(ascii: "\\") ? 2 : 1 }
        return JSONKey(String(decoding: UnsafeBufferPointer(start: start, count: length), as: UTF8.self))
    }

    /// Forgets a key that is not its group's last.
    ///
    /// - Returns: The bytes from it to the next one, which are to be taken out.
    mutating func remove(_ place: Int, in group: inout Group) -> Range<Int> {
        let range = offsets[place]..<offsets[place + 1]
        offsets.remove(at: place)
        for later in place..<offsets.count { offsets[later] -= range.count }
        if group.isIndexed {
            indexes[group.first] = indexes[group.first]?.mapValues { $0 > place ? $0 - 1 : $0 }
        }
        return range
    }

    /// Forgets a group, the innermost.
    @inline(__always)
    mutating func drop(_ group: Group) {
        offsets.removeLast(offsets.count &- group.first)
        if group.isIndexed { indexes[group.first] = nil }
    }

    /// Forgets all but the first keys, down to this group's.
    mutating func truncate(to count: Int, in group: inout Group) {
        offsets.removeLast(offsets.count - count)
        // Anew when the next key comes: an index may hold keys that are no more.
        indexes[group.first] = nil
        group.isIndexed = false
    }
}

extension ByteSink {
    /// Appends a key with its quotes.
    ///
    /// - Returns: A bit for what kind of key it is.
    @inline(__always)
    mutating func appendKey(_ key: String) -> UInt64 {
        key.withBytes { bytes in
            appendQuoted(bytes)
            return kindOfKey(bytes)
        }
    }
}

/// One of 64 bits for what a key looks like: equal keys have the same, different ones mostly not.
@inline(__always)
func kindOfKey(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return 1 }
    let first = start[0]
    let last = start[bytes.count &- 1]
    return 1 << (UInt64(first &* 7 &+ last &* 13 &+ UInt8(truncatingIfNeeded: bytes.count)) & 63)
}

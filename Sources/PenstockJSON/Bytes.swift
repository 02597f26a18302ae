// The few questions about bytes and strings that reading, writing and comparing share.

import Glibc

@inline(__always)
func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

@inline(__always)
func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

extension String {
    /// Calls `body` with the string's UTF-8, without copying it where it is stored so.
    @inline(__always)
    func withBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        if let result = utf8.withContiguousStorageIfAvailable(body) { return result }
        var copy = self
        return copy.withUTF8(body)
    }

    /// Whether both have the same bytes. (`==` also takes two spellings of one character for equal.)
    @inline(__always)
    func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        return withBytes { left in other.withBytes { left.hasSameBytes(as: $0) } }
    }

    func hashBytes(into hasher: inout Hasher) {
        withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xFF as UInt8)
    }
}

extension UnsafeBufferPointer<UInt8> {
    @inline(__always)
    func hasSameBytes(as other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard count == other.count else { return false }
        guard let left = baseAddress, let right = other.baseAddress else { return true }
        return memcmp(left, right, count) == 0
    }
}

/// Eight equal bytes.
@inline(__always)
func eight(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }

/// Marks (in the top bit of its byte) the lowest of eight bytes that a JSON string cannot hold as it is: a
/// quote, a backslash, or a control character. 0 if there is none; marks above the lowest mean nothing.
@inline(__always)
func marksOfSpecials(in word: UInt64) -> UInt64 {
    let quote = word ^ eight(UInt8(ascii: "\""))
    let backslash = word ^ eight(UInt8(ascii: "\\"))
    let marks =
        ((quote &- eight(1)) & ~quote) | ((backslash &- eight(1)) & ~backslash)
        | ((word &- eight(0x20)) & ~word)
    return marks & eight(0x80)
}

/// How many bytes from `start` on a JSON string can hold as they are.
@inline(__always)
func plainRun(_ start: UnsafePointer<UInt8>, upTo count: Int) -> Int {
    var at = 0
    while at &+ 8 <= count {
        let word = UInt64(littleEndian: UnsafeRawPointer(start + at).loadUnaligned(as: UInt64.self))
        let marks = marksOfSpecials(in: word)
        if marks != 0 { return at &+ marks.trailingZeroBitCount / 8 }
        at &+= 8
    }
    while at < count, start[at] >= 0x20, start[at] != UInt8(ascii: "\""), start[at] != UInt8(ascii: "\\") {
        at &+= 1
    }
    return at
}

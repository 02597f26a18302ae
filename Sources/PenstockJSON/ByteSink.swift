import Glibc

/// Bytes that are being written, in memory that grows as they come.
struct ByteSink: ~Copyable {
    private(set) var base: UnsafeMutablePointer<UInt8>
    private(set) var count = 0
    private var capacity: Int
    /// How many brackets are open, and how many were at most.
    private(set) var depth = 0
    private(set) var greatestDepth = 0

    init(capacity: Int = 1024) {
        self.capacity = capacity
        base = .allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

    /// A copy of what was written.
    var array: [UInt8] { [UInt8](bytes) }

    /// Makes room for `extra` more bytes.
    @inline(__always)
    mutating func reserve(_ extra: Int) {
        if capacity &- count < extra { grow(by: extra) }
    }

    @inline(never)
    private mutating func grow(by extra: Int) {
        capacity = max(capacity * 2, count + extra)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
    }

    @inline(__always)
    mutating func append(byte: UInt8) {
        reserve(1)
        base[count] = byte
        count &+= 1
    }

    @inline(__always)
    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        reserve(bytes.count)
        memcpy(base + count, start, bytes.count)
        count &+= bytes.count
    }

    @inline(__always)
    mutating func append(raw text: StaticString) {
        append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends an opening bracket.
    @inline(__always)
    mutating func open(_ bracket: Unicode.Scalar) {
        append(byte: UInt8(truncatingIfNeeded: bracket.value))
        depth &+= 1
        greatestDepth = max(greatestDepth, depth)
    }

    /// Appends a closing bracket.
    @inline(__always)
    mutating func close(_ bracket: Unicode.Scalar) {
        append(byte: UInt8(truncatingIfNeeded: bracket.value))
        depth &-= 1
    }

    /// Takes note of what stands at the current depth but was written elsewhere.
    mutating func note(depth inner: Int) { greatestDepth = max(greatestDepth, depth + inner) }

    /// Takes `length` bytes, already written behind the end, for written.
    @inline(__always)
    mutating func advance(by length: Int) { count &+= length }

    /// Forgets what stands behind `length`, where `depth` brackets were open.
    mutating func truncate(to length: Int, depth: Int = 0) {
        count = length
        self.depth = depth
    }

    /// Takes the bytes of `range` out.
    mutating func remove(_ range: Range<Int>) {
        memmove(base + range.lowerBound, base + range.upperBound, count - range.upperBound)
        count -= range.count
    }
}

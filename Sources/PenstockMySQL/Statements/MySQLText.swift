import Glibc
import PenstockSQL

/// The text of statements on their way to the server, with their values written out.
///
/// It is read as utf8mb4 with a `sql_mode` that knows backslashes, see ``MySQLSession``.
final class MySQLText {
    /// Memory beyond this is given back.
    private static let largestKept = 1 << 20

    private var base = UnsafeMutableRawPointer.allocate(byteCount: 4_096, alignment: 1)
    private var size = 4_096
    private(set) var count = 0

    deinit { base.deallocate() }

    /// Holds until the next change.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    func removeAll() {
        count = 0
        if size > Self.largestKept { resize(to: 4_096) }
    }

    /// Forgets the first `prefix` bytes.
    func remove(first prefix: Int) {
        count -= prefix
        base.copyMemory(from: base + prefix, byteCount: count)
    }

    func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    private func append(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { append($0) }
    }

    /// The statement with `values` in the places of its question marks, of which there are as many.
    func append(_ template: MySQLTemplate, with values: [SQLValue]) {
        append(template.pieces[0])
        for (value, piece) in zip(values, template.pieces.dropFirst()) {
            append(value)
            append(piece)
        }
    }

    /// The statement with its brackets for each row of `values`, of which there are as many as fill them.
    func append(_ template: MySQLRowTemplate, with values: [SQLValue]) {
        append(template.before)
        let width = template.row.count - 1
        for start in stride(from: 0, to: values.count, by: width) {
            if start > 0 { append(",") }
            append(template.row[0])
            for (value, piece) in zip(values[start..<(start + width)], template.row.dropFirst()) {
                append(value)
                append(piece)
            }
        }
        append(template.after)
    }

    // MARK: Values

    private func append(_ value: SQLValue) {
        switch value {
        case .null: append("NULL")
        case .integer(let integer): append(number: "\(integer)", isNegative: integer < 0)
        case .real(let real): append(number: Self.literal(of: real), isNegative: real.sign == .minus)
        case .text(var text): text.withUTF8 { append(quoting: UnsafeRawBufferPointer($0)) }
        case .utf8(let bytes): bytes.withUnsafeBytes { append(quoting: $0) }
        case .blob(let bytes):
            append("_binary")
            bytes.withUnsafeBytes { append(quoting: $0) }
        }
    }

    /// A sign stands in brackets, or two of them might begin a comment.
    private func append(number: String, isNegative: Bool) {
        append(isNegative ? "(\(number))" : number)
    }

    /// Without an exponent it would be a DECIMAL. The shortest digits that give the same number are enough.
    private static func literal(of real: Double) -> String {
        let digits = "\(real)"
        return digits.contains("e") ? digits : digits + "e0"
    }

    /// With a backslash before each quote, backslash and zero. The bytes are first put where the longest form would end, with
    /// a zero behind them, so that the C library can look for these three at once.
    private func append(quoting bytes: UnsafeRawBufferPointer) {
        reserve(2 * bytes.count + 3)
        put(UInt8(ascii: "'"))
        var unread = base + count + bytes.count + 1
        let end = unread + bytes.count
        if let start = bytes.baseAddress { unread.copyMemory(from: start, byteCount: bytes.count) }
        end.storeBytes(of: 0, as: UInt8.self)
        while true {
            let plain = strcspn(unread.assumingMemoryBound(to: CChar.self), "'\\")
            (base + count).copyMemory(from: unread, byteCount: plain)
            count += plain
            unread += plain
            if unread == end { break }
            let byte = unread.load(as: UInt8.self)
            put(UInt8(ascii: "\\"))
            put(byte == 0 ? UInt8(ascii: "0") : byte)
            unread += 1
        }
        put(UInt8(ascii: "'"))
    }

    // MARK: Memory

    private func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        reserve(bytes.count)
        (base + count).copyMemory(from: start, byteCount: bytes.count)
        count += bytes.count
    }

    private func put(_ byte: UInt8) {
        base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    private func reserve(_ more: Int) {
        if count + more > size { resize(to: max(count + more, size * 2)) }
    }

    private func resize(to newSize: Int) {
        let moved = UnsafeMutableRawPointer.allocate(byteCount: newSize, alignment: 1)
        moved.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = moved
        size = newSize
    }
}

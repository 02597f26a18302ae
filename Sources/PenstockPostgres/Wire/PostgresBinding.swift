import Glibc
import PenstockSQL

/// The values of one command, laid out as libpq takes them: texts that end with a NUL, blobs as they are, the columns of rows as
/// arrays of texts in PostgreSQL's binary form.
final class PostgresBinding {
    /// Memory beyond this is given back at the next command.
    private static let largestKept = 1 << 20

    private var base = UnsafeMutableRawPointer.allocate(byteCount: 4_096, alignment: 1)
    private var size = 4_096
    private var used = 0
    /// Nil for NULL. They hold until the next ``bind(_:)``.
    private(set) var pointers: [UnsafePointer<CChar>?] = []
    private(set) var lengths: [Int32] = []
    /// 1 for bytes, 0 for a text.
    private(set) var formats: [Int32] = []

    deinit { base.deallocate() }

    func bind(_ command: SQLCommand) {
        let (values, width) = (command.values, command.width)
        makeRoom(for: values, columns: width ?? 0)
        if let width {
            for column in 0..<width { bind(column, of: values, width: width) }
        } else {
            for value in values { bind(value) }
        }
    }

    private func bind(_ value: SQLValue) {
        if case .null = value { return append(nil, count: 0, format: 0) }
        let format: Int32 = if case .blob = value { 1 } else { 0 }
        Self.withBytes(of: value) { keep($0, format: format) }
    }

    private static func withBytes(of value: SQLValue, _ body: (UnsafeRawBufferPointer) -> Void) {
        func text(_ text: String) {
            var text = text
            text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
        }
        switch value {
        case .null: break
        case .integer(let integer): text(String(integer))
        case .real(let real): text("\(real)")
        case .text(let string): text(string)
        case .utf8(let bytes), .blob(let bytes): bytes.withUnsafeBytes(body)
        }
    }

    /// Dimensions, whether there are NULLs, the type of the elements; size and first index of the only dimension.
    private static let arrayHeader = 20
    private static let textType: Int32 = 25

    /// See `array_recv` in PostgreSQL's `arrayfuncs.c`: all numbers of four bytes, the greatest byte first.
    private func bind(_ column: Int, of values: [SQLValue], width: Int) {
        let start = used
        let rows = values.count / width
        for number in [1, 1, Self.textType, Int32(rows), 1] { put(number) }
        for index in stride(from: column, to: values.count, by: width) {
            if case .null = values[index] {
                put(-1)
                continue
            }
            Self.withBytes(of: values[index]) { bytes in
                put(Int32(bytes.count))
                put(bytes)
            }
        }
        let pointer = UnsafePointer((base + start).assumingMemoryBound(to: CChar.self))
        append(pointer, count: used - start, format: 1)
    }

    private func put(_ number: Int32) {
        (base + used).storeBytes(of: number.bigEndian, as: Int32.self)
        used += 4
    }

    private func put(_ bytes: UnsafeRawBufferPointer) {
        if let start = bytes.baseAddress { (base + used).copyMemory(from: start, byteCount: bytes.count) }
        used += bytes.count
    }

    private func keep(_ bytes: UnsafeRawBufferPointer, format: Int32) {
        let place = base + used
        put(bytes)
        (base + used).storeBytes(of: 0, as: UInt8.self)
        used += 1
        append(UnsafePointer(place.assumingMemoryBound(to: CChar.self)), count: bytes.count, format: format)
    }

    private func append(_ pointer: UnsafePointer<CChar>?, count: Int, format: Int32) {
        pointers.append(pointer)
        lengths.append(Int32(count))
        formats.append(format)
    }

    private func makeRoom(for values: [SQLValue], columns: Int) {
        pointers.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
        used = 0
        var needed = columns * Self.arrayHeader
        for value in values { needed += Self.longestForm(of: value) + (columns > 0 ? 4 : 1) }
        guard needed > size || size > Self.largestKept else { return }
        base.deallocate()
        size = max(needed, 4_096)
        base = .allocate(byteCount: size, alignment: 1)
    }

    private static func longestForm(of value: SQLValue) -> Int {
        switch value {
        case .null: 0
        case .integer, .real: 32
        case .text(let text): text.utf8.count
        case .utf8(let bytes), .blob(let bytes): bytes.count
        }
    }
}

extension SQLCommand {
    /// The most values that the protocol lets a command have.
    private static let mostValues = 65_535
    /// The most bytes of a value.
    private static let largestValue = 1 << 30

    /// Why PostgreSQL cannot be asked this.
    var fault: SQLError? {
        // PostgreSQL itself thinks nothing of it.
        guard !sql.utf8.allSatisfy({ $0 <= 0x20 || $0 == UInt8(ascii: ";") }) else {
            return .bug(reason: "A statement was expected and an empty text given.")
        }
        let count = width ?? values.count
        guard count <= Self.mostValues else {
            return .bug(reason: "A statement was given \(count) values; PostgreSQL takes \(Self.mostValues).")
        }
        for (index, value) in values.enumerated() {
            guard Self.bytes(of: value) < Self.largestValue else {
                return .unfit(reason: "Value \(index + 1) is larger than PostgreSQL takes (1 GB).")
            }
            guard !Self.holdsZero(value) else {
                return .unfit(
                    reason:
                        "Value \(index + 1) is a text that holds a zero byte, which PostgreSQL cannot keep.")
            }
        }
        return nil
    }

    private static func bytes(of value: SQLValue) -> Int {
        switch value {
        case .text(let text): text.utf8.count
        case .utf8(let bytes), .blob(let bytes): bytes.count
        default: 0
        }
    }

    private static func holdsZero(_ value: SQLValue) -> Bool {
        switch value {
        case .text(var text): text.withUTF8 { holdsZero(UnsafeRawBufferPointer($0)) }
        case .utf8(let bytes): bytes.withUnsafeBytes { holdsZero($0) }
        default: false
        }
    }

    private static func holdsZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let start = bytes.baseAddress else { return false }
        return memchr(start, 0, bytes.count) != nil
    }
}

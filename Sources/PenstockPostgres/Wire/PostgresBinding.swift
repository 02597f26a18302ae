import Glibc
import PenstockSQL

/// The values of one command, laid out as libpq takes them: texts that end with a NUL, blobs as they are.
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

    func bind(_ values: [SQLValue]) {
        makeRoom(for: values)
        for value in values {
            switch value {
            case .null: append(nil, count: 0, format: 0)
            case .integer(let integer): append(text: String(integer))
            case .real(let real): append(text: "\(real)")
            case .text(let text): append(text: text)
            case .utf8(let bytes): bytes.withUnsafeBytes { keep($0, format: 0) }
            case .blob(let bytes): bytes.withUnsafeBytes { keep($0, format: 1) }
            }
        }
    }

    private func append(text: String) {
        var text = text
        text.withUTF8 { keep(UnsafeRawBufferPointer($0), format: 0) }
    }

    private func keep(_ bytes: UnsafeRawBufferPointer, format: Int32) {
        let place = base + used
        if let start = bytes.baseAddress { place.copyMemory(from: start, byteCount: bytes.count) }
        (place + bytes.count).storeBytes(of: 0, as: UInt8.self)
        used += bytes.count + 1
        append(UnsafePointer(place.assumingMemoryBound(to: CChar.self)), count: bytes.count, format: format)
    }

    private func append(_ pointer: UnsafePointer<CChar>?, count: Int, format: Int32) {
        pointers.append(pointer)
        lengths.append(Int32(count))
        formats.append(format)
    }

    private func makeRoom(for values: [SQLValue]) {
        pointers.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
        used = 0
        var needed = 0
        for value in values { needed += Self.longestForm(of: value) + 1 }
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
        guard values.count <= Self.mostValues else {
            return .bug(
                reason: "A statement was given \(values.count) values; PostgreSQL takes \(Self.mostValues).")
        }
        for (index, value) in values.enumerated() {
            guard Self.bytes(of: value) < Self.largestValue else {
                return .refused(reason: "Value \(index + 1) is larger than PostgreSQL takes (1 GB).")
            }
            guard !Self.holdsZero(value) else {
                return .refused(
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

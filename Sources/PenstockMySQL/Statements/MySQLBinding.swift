import CPenstockMariaDB
import PenstockSQL

/// The values of one command, laid out as libmariadb takes them.
final class MySQLBinding {
    /// Memory beyond this is given back at the next command.
    private static let largestKept = 1 << 20
    private static let alignment = 8

    private var base = UnsafeMutableRawPointer.allocate(byteCount: 4_096, alignment: alignment)
    private var size = 4_096
    private var used = 0
    private(set) var binds: [MYSQL_BIND] = []

    deinit { base.deallocate() }

    /// What ``binds`` point to holds until the next call.
    func bind(_ values: [SQLValue]) {
        makeRoom(for: values)
        for value in values {
            switch value {
            case .null: append(MYSQL_TYPE_NULL, UnsafeRawBufferPointer(start: nil, count: 0))
            case .integer(let integer): withUnsafeBytes(of: integer) { append(MYSQL_TYPE_LONGLONG, $0) }
            case .real(let real): withUnsafeBytes(of: real) { append(MYSQL_TYPE_DOUBLE, $0) }
            case .text(var text):
                text.withUTF8 { append(MYSQL_TYPE_STRING, UnsafeRawBufferPointer($0)) }
            case .utf8(let bytes): bytes.withUnsafeBytes { append(MYSQL_TYPE_STRING, $0) }
            case .blob(let bytes): bytes.withUnsafeBytes { append(MYSQL_TYPE_BLOB, $0) }
            }
        }
    }

    private func append(_ type: enum_field_types, _ bytes: UnsafeRawBufferPointer) {
        let place = base + used
        if let start = bytes.baseAddress { place.copyMemory(from: start, byteCount: bytes.count) }
        used += Self.aligned(bytes.count)
        var bind = MYSQL_BIND()
        bind.buffer_type = type
        bind.buffer = place
        bind.buffer_length = UInt(bytes.count)
        binds.append(bind)
    }

    private func makeRoom(for values: [SQLValue]) {
        binds.removeAll(keepingCapacity: true)
        used = 0
        var needed = Self.alignment
        for value in values { needed += Self.aligned(value.byteCount) }
        guard needed > size || size > Self.largestKept else { return }
        base.deallocate()
        size = max(needed, 4_096)
        base = .allocate(byteCount: size, alignment: Self.alignment)
    }

    private static func aligned(_ count: Int) -> Int {
        (count + alignment - 1) & ~(alignment - 1)
    }
}

import CPenstockMariaDB
import PenstockSQL

/// The values of a command's rows, laid out as libmariadb takes them for a statement that MariaDB runs once for each row: for each
/// column the places, the lengths and the NULLs of its values. All go as texts.
final class MySQLRowBinding {
    /// Memory beyond this is given back at the next command.
    private static let largestKept = 1 << 20

    private var base = UnsafeMutableRawPointer.allocate(byteCount: 4_096, alignment: 1)
    private var size = 4_096
    private var used = 0
    /// Column by column, as many as there are values.
    private var places = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 64)
    private var lengths = UnsafeMutablePointer<UInt>.allocate(capacity: 64)
    private var indicators = UnsafeMutablePointer<CChar>.allocate(capacity: 64)
    private var capacity = 64

    deinit {
        base.deallocate()
        freeColumns()
    }

    /// A bind for each column. What they point to holds until the next call.
    func bind(_ values: [SQLValue], width: Int) -> [MYSQL_BIND] {
        makeRoom(for: values)
        let rows = values.count / width
        return (0..<width).map { column in
            for row in 0..<rows { put(values[row * width + column], at: column * rows + row) }
            var bind = MYSQL_BIND()
            bind.buffer_type = MYSQL_TYPE_STRING
            bind.buffer = UnsafeMutableRawPointer(places + column * rows)
            bind.length = lengths + column * rows
            bind.u.indicator = indicators + column * rows
            return bind
        }
    }

    private func put(_ value: SQLValue, at index: Int) {
        places[index] = base + used
        let isNull = value == .null
        indicators[index] = CChar(isNull ? STMT_INDICATOR_NULL.rawValue : STMT_INDICATOR_NONE.rawValue)
        switch value {
        case .null: lengths[index] = 0
        case .integer(let integer): put("\(integer)", at: index)
        case .real(let real): put("\(real)", at: index)
        case .text(let text): put(text, at: index)
        case .utf8(let bytes), .blob(let bytes): bytes.withUnsafeBytes { put($0, at: index) }
        }
    }

    private func put(_ text: String, at index: Int) {
        var text = text
        text.withUTF8 { put(UnsafeRawBufferPointer($0), at: index) }
    }

    private func put(_ bytes: UnsafeRawBufferPointer, at index: Int) {
        if let start = bytes.baseAddress { (base + used).copyMemory(from: start, byteCount: bytes.count) }
        lengths[index] = UInt(bytes.count)
        used += bytes.count
    }

    private func makeRoom(for values: [SQLValue]) {
        used = 0
        var needed = 1
        for value in values { needed += Self.longestForm(of: value) }
        if needed > size || size > Self.largestKept {
            base.deallocate()
            size = max(needed, 4_096)
            base = .allocate(byteCount: size, alignment: 1)
        }
        guard values.count > capacity else { return }
        freeColumns()
        capacity = values.count
        places = .allocate(capacity: capacity)
        lengths = .allocate(capacity: capacity)
        indicators = .allocate(capacity: capacity)
    }

    private func freeColumns() {
        places.deallocate()
        lengths.deallocate()
        indicators.deallocate()
    }

    static func longestForm(of value: SQLValue) -> Int {
        switch value {
        case .integer, .real: 32
        default: value.byteCount
        }
    }
}

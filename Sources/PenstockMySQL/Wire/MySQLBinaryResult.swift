import CPenstockMariaDB
import PenstockSQL

/// The rows of a prepared statement, which come as numbers and bytes, and have all arrived.
final class MySQLBinaryResult {
    /// Room for a number, or for the longest time written out.
    private static let cellSize = 40

    private let statement: UnsafeMutablePointer<MYSQL_STMT>
    private let columns: [MySQLColumn]
    private let cells: UnsafeMutableRawPointer
    private let lengths: UnsafeMutablePointer<UInt>
    private let areNull: UnsafeMutablePointer<my_bool>

    init(of statement: UnsafeMutablePointer<MYSQL_STMT>, columns: [MySQLColumn]) {
        self.statement = statement
        self.columns = columns
        cells = .allocate(byteCount: columns.count * Self.cellSize, alignment: 8)
        lengths = .allocate(capacity: columns.count)
        areNull = .allocate(capacity: columns.count)
        lengths.initialize(repeating: 0, count: columns.count)
        areNull.initialize(repeating: 0, count: columns.count)
    }

    deinit {
        cells.deallocate()
        lengths.deallocate()
        areNull.deallocate()
    }

    /// Nil when libmariadb failed.
    func rows() -> [SQLRow]? {
        var binds = columns.indices.map(bind)
        guard mysql_stmt_bind_result(statement, &binds) == 0 else { return nil }
        var rows: [SQLRow] = []
        while true {
            switch mysql_stmt_fetch(statement) {
            // What is longer than its cell, as every text is, counts as truncated.
            case 0, MYSQL_DATA_TRUNCATED: rows.append(SQLRow(columns.indices.map(value)))
            case MYSQL_NO_DATA: return rows
            default: return nil
            }
        }
    }

    private func bind(_ index: Int) -> MYSQL_BIND {
        var bind = MYSQL_BIND()
        bind.length = lengths + index
        bind.is_null = areNull + index
        switch columns[index] {
        case .integer(let isUnsigned):
            bind.buffer_type = MYSQL_TYPE_LONGLONG
            bind.is_unsigned = isUnsigned ? 1 : 0
        case .real: bind.buffer_type = MYSQL_TYPE_DOUBLE
        case .time: bind.buffer_type = MYSQL_TYPE_STRING
        case .decimal, .text, .bytes:
            // Only its length is asked for: the bytes are copied once, to where they stay.
            bind.buffer_type = MYSQL_TYPE_BLOB
            return bind
        }
        bind.buffer = cells + index * Self.cellSize
        bind.buffer_length = UInt(Self.cellSize)
        return bind
    }

    private func value(_ index: Int) -> SQLValue {
        guard areNull[index] == 0 else { return .null }
        let cell = cells + index * Self.cellSize
        switch columns[index] {
        case .integer(let isUnsigned):
            let integer = cell.load(as: Int64.self)
            return isUnsigned && integer < 0
                ? .utf8(Array("\(UInt64(bitPattern: integer))".utf8)) : .integer(integer)
        case .real: return .real(cell.load(as: Double.self))
        case .time: return .utf8(Array(UnsafeRawBufferPointer(start: cell, count: Int(lengths[index]))))
        case .text: return .utf8(bytes(index))
        case .bytes: return .blob(bytes(index))
        case .decimal: return bytes(index).withUnsafeBytes { columns[index].value(of: $0) }
        }
    }

    private func bytes(_ index: Int) -> [UInt8] {
        let count = Int(lengths[index])
        guard count > 0 else { return [] }
        return Array(unsafeUninitializedCapacity: count) { room, initialized in
            var bind = MYSQL_BIND()
            bind.buffer_type = MYSQL_TYPE_BLOB
            bind.buffer = UnsafeMutableRawPointer(room.baseAddress)
            bind.buffer_length = UInt(count)
            mysql_stmt_fetch_column(statement, &bind, UInt32(index), 0)
            initialized = count
        }
    }
}

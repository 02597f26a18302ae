import CPenstockSQLite
import PenstockSQL

/// What went wrong with a statement, before it is given its meaning.
enum SQLiteFailure: Error {
    case code(Int32)
    case wrongUse(String)
}

/// A prepared statement.
final class SQLiteStatement {
    let sql: String
    private let handle: OpaquePointer
    private let arena: SQLiteArena

    init(_ sql: String, on connection: OpaquePointer, arena: SQLiteArena) throws(SQLiteFailure) {
        var handle: OpaquePointer?
        var hasRest = false
        var text = sql
        let code = text.withUTF8 { text in
            text.withMemoryRebound(to: CChar.self) { text in
                var rest: UnsafePointer<CChar>?
                let code = sqlite3_prepare_v3(
                    connection, text.baseAddress, Int32(text.count), UInt32(SQLITE_PREPARE_PERSISTENT),
                    &handle, &rest)
                if let rest, let start = text.baseAddress {
                    hasRest = text[(rest - start)...].contains {
                        !" \t\r\n;".utf8.contains(UInt8(bitPattern: $0))
                    }
                }
                return code
            }
        }
        guard code == SQLITE_OK else { throw .code(code) }
        guard let handle else { throw .wrongUse("A statement was expected and an empty text given.") }
        guard !hasRest else {
            sqlite3_finalize(handle)
            throw .wrongUse("One statement was expected and several given; a script takes several.")
        }
        self.sql = sql
        self.handle = handle
        self.arena = arena
    }

    func finalize() {
        sqlite3_finalize(handle)
    }

    /// Steps through the whole answer; gives SQLITE_DONE, or what stopped it.
    func run(with values: [SQLValue], onRow: (SQLRow) -> Void) throws(SQLiteFailure) -> Int32 {
        let expected = Int(sqlite3_bind_parameter_count(handle))
        guard values.count == expected else {
            throw .wrongUse("The statement takes \(expected) values and was given \(values.count): \(sql)")
        }
        defer { sqlite3_reset(handle) }
        if expected > 0 { try bind(values) }
        while true {
            let code = sqlite3_step(handle)
            guard code == SQLITE_ROW else { return code }
            onRow(row())
        }
    }

    // MARK: Binding

    /// Every parameter is bound at every run, so that none keeps a pointer into an arena that has been reused.
    private func bind(_ values: [SQLValue]) throws(SQLiteFailure) {
        arena.makeRoom(for: values)
        for (index, value) in values.enumerated() {
            let code = bind(value, at: Int32(index + 1))
            guard code == SQLITE_OK else { throw .code(code) }
        }
    }

    private func bind(_ value: SQLValue, at index: Int32) -> Int32 {
        switch value {
        case .null:
            return sqlite3_bind_null(handle, index)
        case .integer(let integer):
            return sqlite3_bind_int64(handle, index, integer)
        case .real(let real):
            return sqlite3_bind_double(handle, index, real)
        case .text(var text):
            return text.withUTF8 { bindText(UnsafeRawBufferPointer($0), at: index) }
        case .utf8(let bytes):
            return bytes.withUnsafeBytes { bindText($0, at: index) }
        case .blob(let bytes):
            return bytes.withUnsafeBytes { bytes in
                let (start, destructor) = arena.keep(bytes)
                return sqlite3_bind_blob64(handle, index, start, UInt64(bytes.count), destructor)
            }
        }
    }

    private func bindText(_ bytes: UnsafeRawBufferPointer, at index: Int32) -> Int32 {
        let (start, destructor) = arena.keep(bytes)
        return sqlite3_bind_text64(
            handle, index, start.assumingMemoryBound(to: CChar.self), UInt64(bytes.count), destructor,
            UInt8(SQLITE_UTF8))
    }

    // MARK: Reading

    private func row() -> SQLRow {
        SQLRow((0..<sqlite3_data_count(handle)).map(value))
    }

    private func value(at column: Int32) -> SQLValue {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: .integer(sqlite3_column_int64(handle, column))
        case SQLITE_FLOAT: .real(sqlite3_column_double(handle, column))
        case SQLITE_TEXT: .utf8(bytes(at: column))
        case SQLITE_BLOB: .blob(bytes(at: column))
        default: .null
        }
    }

    /// A text is read as a blob: as a text SQLite would copy it first, to end it with a NUL.
    private func bytes(at column: Int32) -> [UInt8] {
        let start = sqlite3_column_blob(handle, column)
        let count = Int(sqlite3_column_bytes(handle, column))
        return Array(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
    }
}

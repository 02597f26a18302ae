/// One row of an answer, its columns counted from 0.
///
/// Reading a column as what it is not throws ``SQLError/unreadable(reason:)``: another program may have written it.
/// The `optional…` forms give nil for NULL.
package struct SQLRow: Hashable, Sendable {
    package let values: [SQLValue]

    package init(_ values: [SQLValue]) {
        self.values = values
    }

    package func integer(at column: Int) throws(SQLError) -> Int64 {
        guard case .integer(let integer) = try value(at: column) else {
            throw mismatch(at: column, expected: "an integer")
        }
        return integer
    }

    package func optionalInteger(at column: Int) throws(SQLError) -> Int64? {
        try isNull(at: column) ? nil : integer(at: column)
    }

    /// An integer counts as a real number too.
    package func real(at column: Int) throws(SQLError) -> Double {
        switch try value(at: column) {
        case .real(let real): real
        case .integer(let integer): Double(integer)
        default: throw mismatch(at: column, expected: "a real number")
        }
    }

    package func text(at column: Int) throws(SQLError) -> String {
        switch try value(at: column) {
        case .text(let text):
            return text
        case .utf8(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw .unreadable(reason: "Column \(column) holds a text that is not UTF-8.")
            }
            return text
        default:
            throw mismatch(at: column, expected: "a text")
        }
    }

    package func optionalText(at column: Int) throws(SQLError) -> String? {
        try isNull(at: column) ? nil : text(at: column)
    }

    /// The bytes of a text or a blob, unchecked.
    package func bytes(at column: Int) throws(SQLError) -> [UInt8] {
        switch try value(at: column) {
        case .utf8(let bytes), .blob(let bytes): bytes
        case .text(let text): Array(text.utf8)
        default: throw mismatch(at: column, expected: "a text or bytes")
        }
    }

    package func optionalBytes(at column: Int) throws(SQLError) -> [UInt8]? {
        try isNull(at: column) ? nil : bytes(at: column)
    }

    package func isNull(at column: Int) throws(SQLError) -> Bool {
        try value(at: column) == .null
    }

    private func value(at column: Int) throws(SQLError) -> SQLValue {
        guard values.indices.contains(column) else {
            throw .bug(reason: "Column \(column) was asked for in a row of \(values.count).")
        }
        return values[column]
    }

    private func mismatch(at column: Int, expected: String) -> SQLError {
        .unreadable(reason: "Column \(column) holds \(values[column].kind) where \(expected) was expected.")
    }
}

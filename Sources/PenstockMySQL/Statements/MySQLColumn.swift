import CPenstockMariaDB
import PenstockSQL

/// What a column of an answer holds, by its type.
enum MySQLColumn {
    case integer(isUnsigned: Bool)
    case real
    case decimal
    /// A date, a time of day, or both.
    case time
    case text
    case bytes

    /// The number of the character set that means bytes.
    private static let binary: UInt32 = 63

    init(_ field: MYSQL_FIELD) {
        self =
            switch field.type {
            case MYSQL_TYPE_TINY, MYSQL_TYPE_SHORT, MYSQL_TYPE_INT24, MYSQL_TYPE_LONG, MYSQL_TYPE_LONGLONG,
                MYSQL_TYPE_YEAR:
                .integer(isUnsigned: field.flags & UInt32(UNSIGNED_FLAG) != 0)
            case MYSQL_TYPE_FLOAT, MYSQL_TYPE_DOUBLE: .real
            case MYSQL_TYPE_DECIMAL, MYSQL_TYPE_NEWDECIMAL: .decimal
            case MYSQL_TYPE_DATE, MYSQL_TYPE_NEWDATE, MYSQL_TYPE_TIME, MYSQL_TYPE_DATETIME,
                MYSQL_TYPE_TIMESTAMP:
                .time
            // MySQL says that it is bytes.
            case MYSQL_TYPE_JSON: .text
            case MYSQL_TYPE_BIT, MYSQL_TYPE_GEOMETRY: .bytes
            default: field.charsetnr == Self.binary ? .bytes : .text
            }
    }

    /// The value that the server wrote as a text.
    func value(of text: UnsafeRawBufferPointer) -> SQLValue {
        switch self {
        case .integer, .decimal:
            Self.integer(in: text).map(SQLValue.integer) ?? .utf8(Array(text))
        case .real:
            Double(String(decoding: text, as: UTF8.self)).map(SQLValue.real) ?? .utf8(Array(text))
        case .time, .text: .utf8(Array(text))
        case .bytes: .blob(Array(text))
        }
    }

    private static func integer(in text: UnsafeRawBufferPointer) -> Int64? {
        Int64(String(decoding: text, as: UTF8.self))
    }
}

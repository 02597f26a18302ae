/// A value that is bound to a statement, or stands in a column of a row.
///
/// Databases take ``text(_:)`` and ``utf8(_:)`` alike, as TEXT; rows give ``utf8(_:)``, so that a large text is copied
/// once and never checked: ``SQLRow/bytes(at:)`` and ``SQLRow/text(at:)`` read either.
package enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    /// A database may store NaN as NULL.
    case real(Double)
    case text(String)
    /// A TEXT given as its bytes, such as encoded JSON.
    case utf8([UInt8])
    case blob([UInt8])
}

extension SQLValue: ExpressibleByNilLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    package init(nilLiteral: ()) { self = .null }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(stringLiteral value: String) { self = .text(value) }
}

extension SQLValue {
    package static func optional(_ value: Int64?) -> SQLValue { value.map(SQLValue.integer) ?? .null }
    package static func optional(_ value: String?) -> SQLValue { value.map(SQLValue.text) ?? .null }
    package static func optional(utf8 value: [UInt8]?) -> SQLValue { value.map(SQLValue.utf8) ?? .null }

    /// What kind of value this is, for errors: never the value itself.
    var kind: String {
        switch self {
        case .null: "NULL"
        case .integer: "an integer"
        case .real: "a real number"
        case .text, .utf8: "a text"
        case .blob: "bytes"
        }
    }
}

/// Any JSON value, kept exactly: integers of any length stay integers, floats stay floats (`1.0` is not `1`),
/// objects keep the order of their keys, and strings keep even what Swift's `String` cannot hold.
///
/// Two values are equal when they say the same byte for byte: `1` and `1.0` differ, and so do two spellings
/// of an accented letter. Only the order of an object's keys does not count.
///
/// ```swift
/// let order: JSON = ["id": 7, "price": 1.0, "tags": ["new"]]
/// order["tags"]?[0]?.string   // "new"
/// order.text                  // {"id":7,"price":1.0,"tags":["new"]}
/// ```
public enum JSON: Sendable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// An integer or a float.
    case number(JSONNumber)
    /// A string of whole characters: nearly every string.
    case string(String)
    /// A string with half of a surrogate pair in it, which other languages can write and `String` cannot
    /// hold.
    case unpaired(JSONUnpairedText)
    /// A list of values.
    case array([JSON])
    /// Values by key.
    case object(JSONObject)
}

extension JSON: Hashable {
    /// Whether both say the same byte for byte, but for the order of keys.
    public static func == (left: JSON, right: JSON) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.unpaired(let left), .unpaired(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    /// Feeds what equality compares into `hasher`.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null:
            hasher.combine(0 as UInt8)
        case .bool(let value):
            hasher.combine(1 as UInt8)
            hasher.combine(value)
        case .number(let value):
            hasher.combine(2 as UInt8)
            hasher.combine(value)
        case .string(let value):
            hasher.combine(3 as UInt8)
            value.hashBytes(into: &hasher)
        case .unpaired(let value):
            hasher.combine(4 as UInt8)
            hasher.combine(value)
        case .array(let value):
            hasher.combine(5 as UInt8)
            hasher.combine(value)
        case .object(let value):
            hasher.combine(6 as UInt8)
            hasher.combine(value)
        }
    }
}

extension JSON: CustomStringConvertible {
    /// The value as compact JSON.
    public var description: String { text }
}

// What a value is, asked kind by kind: nil when it is of another kind.

extension JSON {
    /// Whether this is `null`.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The boolean, if this is one.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The number, if this is one.
    public var number: JSONNumber? {
        if case .number(let value) = self { value } else { nil }
    }

    /// The integer, if this is one that fits; `5.0` is a float and none.
    public var int: Int? {
        if case .number(let value) = self { value.int } else { nil }
    }

    /// The number as the nearest double, if this is a number.
    public var double: Double? {
        if case .number(let value) = self { value.double } else { nil }
    }

    /// The string, if this is one; U+FFFD stands where half of a surrogate pair was.
    public var string: String? {
        switch self {
        case .string(let value): value
        case .unpaired(let text): text.repaired
        default: nil
        }
    }

    /// The list, if this is one.
    public var array: [JSON]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The object, if this is one.
    public var object: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The value under `key`, if this is an object that has one.
    public subscript(key: String) -> JSON? {
        if case .object(let object) = self { object[key] } else { nil }
    }

    /// The value at `index`, counted from 0, if this is a list that long.
    public subscript(index: Int) -> JSON? {
        if case .array(let values) = self, values.indices.contains(index) { values[index] } else { nil }
    }

    /// What kind of value this is, in words for a sentence: "a string", "null".
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number(let number): number.kind
        case .string, .unpaired: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

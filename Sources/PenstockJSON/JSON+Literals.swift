// JSON written down as Swift literals.

extension JSON: ExpressibleByNilLiteral {
    /// `null`
    public init(nilLiteral: ()) { self = .null }
}

extension JSON: ExpressibleByBooleanLiteral {
    /// `true` or `false`
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSON: ExpressibleByIntegerLiteral {
    /// An integer.
    public init(integerLiteral value: Int64) { self = .number(JSONNumber(value)) }
}

extension JSON: ExpressibleByFloatLiteral {
    /// A float, also when it has no fraction: `1.0` is written `1.0`.
    public init(floatLiteral value: Double) { self = .number(JSONNumber(value)) }
}

extension JSON: ExpressibleByStringInterpolation {
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
}

extension JSON: ExpressibleByArrayLiteral {
    /// A list.
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
}

extension JSON: ExpressibleByDictionaryLiteral {
    /// An object; of two equal keys the later one counts.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(JSONObject(elements))
    }
}

extension JSONNumber: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
    /// An integer.
    public init(integerLiteral value: Int64) { self.init(value) }
    /// A float.
    public init(floatLiteral value: Double) { self.init(value) }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// An object; of two equal keys the later one counts.
    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}

extension JSON {
    /// The boolean as JSON.
    public init(_ value: Bool) { self = .bool(value) }
    /// The integer as JSON, whatever its length.
    public init(_ value: some BinaryInteger) { self = .number(JSONNumber(value)) }
    /// The double as JSON, always as a float.
    public init(_ value: Double) { self = .number(JSONNumber(value)) }
    /// The string as JSON.
    public init(_ value: String) { self = .string(value) }
    /// The list as JSON.
    public init(_ value: [JSON]) { self = .array(value) }
    /// The object as JSON.
    public init(_ value: JSONObject) { self = .object(value) }
}

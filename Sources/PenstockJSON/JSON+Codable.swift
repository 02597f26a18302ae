// JSON in other types: exact with the encoder and decoder of this module, and as good as it gets with others.

extension JSON: Codable {
    /// Reads any JSON value.
    public init(from decoder: any Decoder) throws {
        if let exact = decoder as? JSONValueDecoder {
            self = exact.wholeValue
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? JSONNumber(from: decoder) {
            self = .number(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .array(value)
        } else {
            self = .object(try JSONObject(from: decoder))
        }
    }

    /// Writes the value.
    public func encode(to encoder: any Encoder) throws {
        if let exact = encoder as? JSONValueEncoder { return try exact.encode(self) }
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let value): try value.encode(to: encoder)
        case .string(let value): try container.encode(value)
        case .unpaired(let value): try container.encode(value.repaired)
        case .array(let value): try container.encode(value)
        case .object(let value): try value.encode(to: encoder)
        }
    }
}

extension JSONNumber: Codable {
    /// Reads a number; another decoder than this module's tells integers from floats if it can.
    public init(from decoder: any Decoder) throws {
        if let exact = decoder as? JSONValueDecoder {
            self = try exact.decode(JSONNumber.self)
            return
        }
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Int64.self) {
            self.init(value)
        } else if let value = try? container.decode(UInt64.self) {
            self.init(value)
        } else {
            self.init(try container.decode(Double.self))
        }
    }

    /// Writes the number; another encoder than this module's gets an integer too large for 64 bits as a
    /// double.
    public func encode(to encoder: any Encoder) throws {
        if let exact = encoder as? JSONValueEncoder { return try exact.encode(self) }
        var container = encoder.singleValueContainer()
        if let value = integer(as: Int64.self) {
            try container.encode(value)
        } else if let value = integer(as: UInt64.self) {
            try container.encode(value)
        } else {
            try container.encode(double)
        }
    }
}

extension JSONObject: Codable {
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { return nil }
    }

    /// Reads an object; another decoder than this module's may give its keys in any order.
    public init(from decoder: any Decoder) throws {
        if let exact = decoder as? JSONValueDecoder {
            self = try exact.decode(JSONObject.self)
            return
        }
        let container = try decoder.container(keyedBy: Name.self)
        self.init()
        for key in container.allKeys { self[key.stringValue] = try container.decode(JSON.self, forKey: key) }
    }

    /// Writes the object.
    public func encode(to encoder: any Encoder) throws {
        if let exact = encoder as? JSONValueEncoder { return try exact.encode(self) }
        var container = encoder.container(keyedBy: Name.self)
        for (key, value) in self { try container.encode(value, forKey: Name(stringValue: key)) }
    }
}

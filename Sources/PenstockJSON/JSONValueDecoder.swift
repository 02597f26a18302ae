/// What a value reads itself from.
final class JSONValueDecoder: Decoder {
    private let value: JSON
    private let owner: JSONValueDecoder?
    /// The value's key or index in its owner.
    private let key: (any CodingKey)?
    /// Where to note the keys that are asked for, at the top only.
    let usage: KeyUsage?
    /// Where the next key asked for probably stands: types mostly ask in the order in which they wrote.
    var nextPosition = 0

    init(_ value: JSON, usage: KeyUsage? = nil) {
        self.value = value
        self.usage = usage
        owner = nil
        key = nil
    }

    init(_ value: JSON, under key: any CodingKey, of owner: JSONValueDecoder) {
        self.value = value
        self.key = key
        self.owner = owner
        usage = nil
    }

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    var codingPath: [any CodingKey] {
        var path: [any CodingKey] = []
        var decoder: JSONValueDecoder? = self
        while let current = decoder {
            if let key = current.key { path.append(key) }
            decoder = current.owner
        }
        return path.reversed()
    }

    /// The value as it is; whoever takes it has asked for all of it.
    var wholeValue: JSON {
        usage?.noteAll()
        return value
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let object) = value else { throw mismatch(JSONObject.self, "an object", value) }
        return KeyedDecodingContainer(MemberDecoder<Key>(decoder: self, object: object))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let values) = value else { throw mismatch([JSON].self, "an array", value) }
        return ElementDecoder(decoder: self, values: values)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }
}

extension JSONValueDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { value.isNull }

    @inline(__always)
    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        if T.self == JSON.self || T.self == JSONObject.self { usage?.noteAll() }
        return try read(type, from: value, under: nil) { _ in try T(from: self) }
    }

    func decode(_ type: Int128.Type) throws -> Int128 { try read(type, from: value, under: nil) { _ in 0 } }
    func decode(_ type: UInt128.Type) throws -> UInt128 { try read(type, from: value, under: nil) { _ in 0 } }
}

extension JSONValueDecoder {
    /// Decodes a member or element.
    @inline(__always)
    func decode<T: Decodable>(_ type: T.Type, from value: borrowing JSON, under key: some CodingKey) throws
        -> T
    {
        try read(type, from: value, under: key) { value in
            try T(from: JSONValueDecoder(value, under: key, of: self))
        }
    }

    /// The error that says that a value is of another kind than a type needs.
    @inline(never)
    func mismatch(
        _ type: Any.Type, _ expected: String, _ found: JSON, under key: (any CodingKey)? = nil
    ) -> DecodingError {
        let path = codingPath + (key.map { [$0] } ?? [])
        let place = path.isEmpty ? "" : " at \(path.sentence)"
        let context = DecodingError.Context(
            codingPath: path, debugDescription: "expected \(expected)\(place), found \(found.briefly)")
        return found.isNull ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }
}

extension JSON {
    /// What the value is, in a few words: a number by its text, anything else by its kind.
    fileprivate var briefly: String {
        guard case .number(let number) = self else { return kind }
        let text = number.description
        return text.utf8.count <= 40 ? text : "\(number.kind) of \(text.utf8.count) characters"
    }
}

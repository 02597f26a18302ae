/// Reads the members of an object.
struct MemberDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: JSONValueDecoder
    let object: JSONObject

    var codingPath: [any CodingKey] { decoder.codingPath }

    var allKeys: [Key] {
        decoder.usage?.noteAll()
        return object.entries.compactMap { Key(stringValue: $0.key.visible) }
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try value(under: key).isNull }

    @inline(__always)
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        guard let position = find(key) else { throw missing(key) }
        return try decoder.decode(type, from: object.entries[position].value, under: key)
    }

    @inline(__always)
    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        guard let position = find(key), !object.entries[position].value.isNull else { return nil }
        return try decoder.decode(type, from: object.entries[position].value, under: key)
    }

    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 { try nested(under: key).decode(type) }

    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 {
        try nested(under: key).decode(type)
    }

    func decodeIfPresent(_ type: Int128.Type, forKey key: Key) throws -> Int128? {
        guard let position = find(key), !object.entries[position].value.isNull else { return nil }
        return try nested(under: key).decode(type)
    }

    func decodeIfPresent(_ type: UInt128.Type, forKey key: Key) throws -> UInt128? {
        guard let position = find(key), !object.entries[position].value.isNull else { return nil }
        return try nested(under: key).decode(type)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try nested(under: key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try nested(under: key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder {
        let key = JSONSuperKey()
        let value = find(key).map { object.entries[$0].value }
        return JSONValueDecoder(value ?? .null, under: key, of: decoder)
    }

    func superDecoder(forKey key: Key) throws -> any Decoder { try nested(under: key) }

    private func nested(under key: Key) throws -> JSONValueDecoder {
        JSONValueDecoder(try value(under: key), under: key, of: decoder)
    }

    private func value(under key: Key) throws -> JSON {
        guard let position = find(key) else { throw missing(key) }
        return object.entries[position].value
    }

    @inline(never)
    private func missing(_ key: Key) -> DecodingError {
        let path = codingPath
        let place = path.isEmpty ? "" : " at \(path.sentence)"
        let sentence = "expected the key \(key.stringValue)\(place), found an object without it"
        return .keyNotFound(key, DecodingError.Context(codingPath: path, debugDescription: sentence))
    }

    /// Where the key stands in the object.
    @inline(__always)
    private func find(_ key: some CodingKey) -> Int? { decoder.position(of: key.stringValue, in: object) }
}

extension JSONValueDecoder {
    /// Where a key stands in this decoder's object.
    func position(of name: String, in object: JSONObject) -> Int? {
        let probable = nextPosition
        let found: Int
        if probable < object.entries.count, object.entries[probable].key.isPlain(name) {
            found = probable
        } else {
            guard let position = object.position(of: name) else { return nil }
            found = position
        }
        nextPosition = found + 1
        usage?.note(found)
        return found
    }
}

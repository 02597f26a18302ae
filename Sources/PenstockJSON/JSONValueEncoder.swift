/// What a value writes itself to.
struct JSONValueEncoder: Encoder {
    let encoding: JSONEncoding
    /// Which value of the encoding it is.
    let serial: Int

    var codingPath: [any CodingKey] { encoding.path }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        encoding.open(.object, serial: serial)
        return KeyedEncodingContainer(MemberEncoder<Key>(encoding: encoding, serial: serial))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        encoding.open(.array, serial: serial)
        return ElementEncoder(encoding: encoding, serial: serial)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }
}

extension JSONValueEncoder: SingleValueEncodingContainer {
    func encodeNil() throws { try encoding.single(JSON.null, of: serial) }

    @inline(__always)
    func encode<T: Encodable>(_ value: T) throws { try encoding.single(value, of: serial) }

    func encode(_ value: Int128) throws { try encoding.single(value, of: serial) }
    func encode(_ value: UInt128) throws { try encoding.single(value, of: serial) }
}

/// Writes the members of an object.
struct MemberEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoding: JSONEncoding
    let serial: Int

    var codingPath: [any CodingKey] { encoding.path }

    func encodeNil(forKey key: Key) throws { try encoding.member(JSON.null, under: key, of: serial) }

    @inline(__always)
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        try encoding.member(value, under: key, of: serial)
    }

    func encode(_ value: Int128, forKey key: Key) throws {
        try encoding.member(value, under: key, of: serial)
    }
    func encode(_ value: UInt128, forKey key: Key) throws {
        try encoding.member(value, under: key, of: serial)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        JSONValueEncoder(encoding: encoding.memberLater(under: key, of: serial), serial: 0).container(
            keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        JSONValueEncoder(encoding: encoding.memberLater(under: key, of: serial), serial: 0).unkeyedContainer()
    }

    func superEncoder() -> any Encoder {
        JSONValueEncoder(encoding: encoding.memberLater(under: JSONSuperKey(), of: serial), serial: 0)
    }

    func superEncoder(forKey key: Key) -> any Encoder {
        JSONValueEncoder(encoding: encoding.memberLater(under: key, of: serial), serial: 0)
    }
}

/// Writes the elements of an array.
struct ElementEncoder: UnkeyedEncodingContainer {
    let encoding: JSONEncoding
    let serial: Int

    var codingPath: [any CodingKey] { encoding.path }
    var count: Int { encoding.count }

    func encodeNil() throws { try encoding.element(JSON.null, of: serial) }

    @inline(__always)
    func encode<T: Encodable>(_ value: T) throws { try encoding.element(value, of: serial) }

    func encode(_ value: Int128) throws { try encoding.element(value, of: serial) }
    func encode(_ value: UInt128) throws { try encoding.element(value, of: serial) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        JSONValueEncoder(encoding: encoding.elementLater(of: serial), serial: 0).container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        JSONValueEncoder(encoding: encoding.elementLater(of: serial), serial: 0).unkeyedContainer()
    }

    func superEncoder() -> any Encoder {
        JSONValueEncoder(encoding: encoding.elementLater(of: serial), serial: 0)
    }
}

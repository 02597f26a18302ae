/// What a value writes itself to.
struct JSONValueEncoder: Encoder {
    let encoding: JSONEncoding
    /// Which value of the encoding it is.
    let serial: Int

    var codingPath: [any CodingKey] { encoding.state.path }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        encoding.state.open(.object, serial: serial)
        return KeyedEncodingContainer(MemberEncoder<Key>(encoding: encoding, serial: serial))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        encoding.state.open(.array, serial: serial)
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

    var codingPath: [any CodingKey] { encoding.state.path }

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
        encoding.state.memberLater(under: key, of: serial).container(
            keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoding.state.memberLater(under: key, of: serial).unkeyedContainer()
    }

    func superEncoder() -> any Encoder {
        encoding.state.memberLater(under: JSONSuperKey(), of: serial)
    }

    func superEncoder(forKey key: Key) -> any Encoder {
        encoding.state.memberLater(under: key, of: serial)
    }
}

/// Writes the elements of an array.
struct ElementEncoder: UnkeyedEncodingContainer {
    let encoding: JSONEncoding
    let serial: Int

    var codingPath: [any CodingKey] { encoding.state.path }
    var count: Int { encoding.state.count }

    func encodeNil() throws { try encoding.element(JSON.null, of: serial) }

    @inline(__always)
    func encode<T: Encodable>(_ value: T) throws { try encoding.element(value, of: serial) }

    func encode(_ value: Int128) throws { try encoding.element(value, of: serial) }
    func encode(_ value: UInt128) throws { try encoding.element(value, of: serial) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        encoding.state.elementLater(of: serial).container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        encoding.state.elementLater(of: serial).unkeyedContainer()
    }

    func superEncoder() -> any Encoder {
        encoding.state.elementLater(of: serial)
    }
}

/// Reads the elements of an array, one after the other.
struct ElementDecoder: UnkeyedDecodingContainer {
    let decoder: JSONValueDecoder
    let values: [JSON]
    private(set) var currentIndex = 0

    init(decoder: JSONValueDecoder, values: [JSON]) {
        self.decoder = decoder
        self.values = values
    }

    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { values.count }
    var isAtEnd: Bool { currentIndex == values.count }

    mutating func decodeNil() throws -> Bool {
        guard try current(JSON.self).isNull else { return false }
        currentIndex += 1
        return true
    }

    @inline(__always)
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let decoded = try decoder.decode(type, from: try current(type), under: JSONIndex(currentIndex))
        currentIndex += 1
        return decoded
    }

    mutating func decode(_ type: Int128.Type) throws -> Int128 {
        let decoded = try nested(type).decode(type)
        currentIndex += 1
        return decoded
    }

    mutating func decode(_ type: UInt128.Type) throws -> UInt128 {
        let decoded = try nested(type).decode(type)
        currentIndex += 1
        return decoded
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        let container = try nested(JSONObject.self).container(keyedBy: type)
        currentIndex += 1
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try nested([JSON].self).unkeyedContainer()
        currentIndex += 1
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let element = try nested(JSON.self)
        currentIndex += 1
        return element
    }

    private func nested(_ type: Any.Type) throws -> JSONValueDecoder {
        JSONValueDecoder(try current(type), under: JSONIndex(currentIndex), of: decoder)
    }

    @inline(__always)
    private func current(_ type: Any.Type) throws -> JSON {
        guard currentIndex < values.count else { throw atEnd(type) }
        return values[currentIndex]
    }

    @inline(never)
    private func atEnd(_ type: Any.Type) -> DecodingError {
        let path = codingPath + [JSONIndex(currentIndex)]
        let sentence = "expected an element at \(path.sentence), found the array's end"
        return .valueNotFound(type, DecodingError.Context(codingPath: path, debugDescription: sentence))
    }
}

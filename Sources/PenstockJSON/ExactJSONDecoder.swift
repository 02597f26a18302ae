/// Reads any `Decodable` type from JSON, exactly: an integer from `5` but never from `5.0`, a `Double` from
/// both.
///
/// Errors are `DecodingError`s whose description is a sentence: "expected an integer at items[3].price, found
/// a string".
package struct ExactJSONDecoder: Sendable {
    package init() {}

    /// - Throws: `DecodingError`, or what the type's own `init(from:)` throws.
    package func decode<T: Decodable>(_ type: T.Type, from json: JSON) throws -> T {
        try JSONValueDecoder(json).decode(type)
    }

    /// - Throws: ``JSONError`` if the bytes are no JSON; else as ``decode(_:from:)``.
    package func decode<T: Decodable>(
        _ type: T.Type, from bytes: [UInt8], limits: JSONLimits = .stored
    ) throws -> T {
        try decode(type, from: try JSON(parsing: bytes, limits: limits))
    }

    /// Decodes an object and tells which of its keys the type never asked for, in order.
    ///
    /// A type that asks for the list of keys, as a dictionary does, has asked for all.
    package func decodeNotingUnused<T: Decodable>(
        _ type: T.Type, from object: JSONObject
    ) throws -> (value: T, unused: [String]) {
        let usage = KeyUsage(count: object.count)
        let value = try JSONValueDecoder(.object(object), usage: usage).decode(type)
        return (value, usage.unused(of: object))
    }
}

/// Writes any `Encodable` value as compact JSON, exactly: integers as integers, every `Double` as a float.
///
/// Strings are written as they are, NaN and the infinities as Python's tokens, dictionaries with string or
/// integer keys as objects. What a type says under one key twice is written once, as said last. A `Date` is
/// what its own `encode(to:)` makes of it, a number of seconds.
package struct ExactJSONEncoder: Sendable {
    package init() {}

    /// - Throws: What the value's own `encode(to:)` throws, or an `EncodingError` with a sentence.
    package func encode(_ value: some Encodable) throws -> [UInt8] {
        try run(value).array
    }

    /// Encodes a value that is an object, as a tree.
    ///
    /// - Throws: Also when the value is no object.
    package func encodeObject(_ value: some Encodable) throws -> JSONObject {
        let bytes = try run(value)
        let json: JSON
        do {
            json = try JSON(parsing: bytes.bytes, limits: .stored)
        } catch {
            throw refusal(of: value, "cannot be read back: \(error)")
        }
        guard case .object(let object) = json else {
            throw refusal(of: value, "expected a value that is encoded as an object, found \(json.kind)")
        }
        return object
    }

    private func run<T: Encodable>(_ value: T) throws -> ByteSink {
        let encoding = JSONEncoding(path: [])
        try encoding.single(value, of: 0)
        let bytes = try encoding.state.finish()
        let most = JSONLimits.deepestWritten
        guard bytes.greatestDepth <= most else {
            throw refusal(of: value, "expected at most \(most) levels, found \(bytes.greatestDepth)")
        }
        return bytes
    }

    private func refusal(of value: some Encodable, _ sentence: String) -> EncodingError {
        .invalidValue(value, EncodingError.Context(codingPath: [], debugDescription: sentence))
    }
}

/// What Redis answered (RESP2).
package enum RedisReply: Hashable, Sendable {
    case null
    case status(String)
    case integer(Int)
    case bytes([UInt8])
    case array([RedisReply])
    /// Only within an array (of `EXEC`, say): an error at the top is thrown.
    case error(String)
}

extension RedisReply {
    package var isNull: Bool { self == .null }

    /// An integer, or bytes that spell one.
    package var asInt: Int? {
        switch self {
        case .integer(let value): value
        case .bytes, .status: asString.flatMap { Int($0) }
        case .null, .array, .error: nil
        }
    }

    /// A status, or bytes that are UTF-8.
    package var asString: String? {
        switch self {
        case .status(let text): text
        case .bytes(let bytes): String(validating: bytes, as: UTF8.self)
        case .null, .integer, .array, .error: nil
        }
    }

    package var asBytes: [UInt8]? {
        switch self {
        case .bytes(let bytes): bytes
        case .status(let text): Array(text.utf8)
        case .null, .integer, .array, .error: nil
        }
    }

    package var asArray: [RedisReply]? {
        if case .array(let elements) = self { elements } else { nil }
    }
}

import CPenstockHiredis

extension RedisReply {
    typealias Raw = redisReply

    /// A copy: hiredis frees its reply when the callback returns.
    init(copying reply: UnsafePointer<redisReply>) {
        switch reply.pointee.type {
        case REDIS_REPLY_INTEGER: self = .integer(Int(reply.pointee.integer))
        case REDIS_REPLY_STRING: self = .bytes(Array(Self.content(of: reply)))
        case REDIS_REPLY_STATUS: self = .status(String(decoding: Self.content(of: reply), as: UTF8.self))
        case REDIS_REPLY_ERROR: self = .error(String(decoding: Self.content(of: reply), as: UTF8.self))
        case REDIS_REPLY_ARRAY:
            let elements = UnsafeBufferPointer(start: reply.pointee.element, count: reply.pointee.elements)
            self = .array(elements.map { element in element.map { RedisReply(copying: $0) } ?? .null })
        default: self = .null
        }
    }

    private static func content(of reply: UnsafePointer<redisReply>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: reply.pointee.str, count: reply.pointee.len)
    }
}

extension Result<RedisReply, RedisError> {
    /// A reply, or what the server's error means.
    init(_ reply: RedisReply) {
        if case .error(let message) = reply {
            self = .failure(.refused(quoting: message))
        } else {
            self = .success(reply)
        }
    }
}

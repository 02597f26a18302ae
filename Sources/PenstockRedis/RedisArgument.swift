/// What can stand in a command: it writes itself as bulk strings of RESP, with no allocation of its own.
package protocol RedisArgument {
    /// How many arguments it is; one, but for a list of them.
    var redisArgumentCount: Int { get }
    /// How many bytes it writes at most.
    var redisByteCount: Int { get }
    func write(to wire: inout OutputSpan<UInt8>)
}

extension RedisArgument {
    package var redisArgumentCount: Int { 1 }
}

extension String: RedisArgument {
    package var redisByteCount: Int { utf8.count + RESP.bulkOverhead }

    package func write(to wire: inout OutputSpan<UInt8>) {
        var native = self
        native.withUTF8 { wire.appendBulk($0) }
    }
}

extension [UInt8]: RedisArgument {
    package var redisByteCount: Int { count + RESP.bulkOverhead }

    package func write(to wire: inout OutputSpan<UInt8>) {
        withUnsafeBufferPointer { wire.appendBulk($0) }
    }
}

extension ArraySlice<UInt8>: RedisArgument {
    package var redisByteCount: Int { count + RESP.bulkOverhead }

    package func write(to wire: inout OutputSpan<UInt8>) {
        withUnsafeBufferPointer { wire.appendBulk($0) }
    }
}

extension Int: RedisArgument {
    package var redisByteCount: Int { RESP.mostDigits + RESP.bulkOverhead }

    package func write(to wire: inout OutputSpan<UInt8>) {
        wire.append(UInt8(ascii: "$"))
        wire.appendDecimal(RESP.digits(of: self))
        wire.appendLineEnd()
        wire.appendDecimal(self)
        wire.appendLineEnd()
    }
}

extension Int64: RedisArgument {
    package var redisByteCount: Int { Int(self).redisByteCount }
    package func write(to wire: inout OutputSpan<UInt8>) { Int(self).write(to: &wire) }
}

/// What can stand in a command: it writes itself as bulk strings of RESP, with no allocation of its own.
package protocol RedisArgument {
    /// How many arguments it is; one, but for a list of them.
    var redisArgumentCount: Int { get }
    /// How many bytes it writes at most.
    var redisByteCount: Int { get }
    func write(to bytes: inout [UInt8])
}

extension RedisArgument {
    @inlinable package var redisArgumentCount: Int { 1 }
}

extension String: RedisArgument {
    @inlinable package var redisByteCount: Int { utf8.count + RESP.bulkOverhead }

    @inlinable package func write(to bytes: inout [UInt8]) {
        RESP.write(UInt8(ascii: "$"), utf8.count, to: &bytes)
        bytes.append(contentsOf: utf8)
        RESP.endLine(&bytes)
    }
}

extension [UInt8]: RedisArgument {
    @inlinable package var redisByteCount: Int { count + RESP.bulkOverhead }

    @inlinable package func write(to bytes: inout [UInt8]) {
        RESP.write(UInt8(ascii: "$"), count, to: &bytes)
        bytes.append(contentsOf: self)
        RESP.endLine(&bytes)
    }
}

extension ArraySlice<UInt8>: RedisArgument {
    @inlinable package var redisByteCount: Int { count + RESP.bulkOverhead }

    @inlinable package func write(to bytes: inout [UInt8]) {
        RESP.write(UInt8(ascii: "$"), count, to: &bytes)
        bytes.append(contentsOf: self)
        RESP.endLine(&bytes)
    }
}

extension Int: RedisArgument {
    @inlinable package var redisByteCount: Int { 20 + RESP.bulkOverhead }

    @inlinable package func write(to bytes: inout [UInt8]) {
        RESP.write(UInt8(ascii: "$"), RESP.digits(of: self), to: &bytes)
        RESP.write(self, to: &bytes)
        RESP.endLine(&bytes)
    }
}

extension Int64: RedisArgument {
    @inlinable package var redisByteCount: Int { Int(self).redisByteCount }
    @inlinable package func write(to bytes: inout [UInt8]) { Int(self).write(to: &bytes) }
}

/// A Lua script, run by its SHA-1 so that its source crosses the wire only when the server does not know it.
package struct RedisScript: Hashable, Sendable {
    /// For logs and errors.
    package let name: String
    package let source: [UInt8]
    /// 40 hex digits.
    package let digest: String

    package init(name: String, source: [UInt8]) {
        self.name = name
        self.source = source
        digest = SHA1.hex(of: source)
    }

    package init(name: String, source: String) {
        self.init(name: name, source: Array(source.utf8))
    }

    func call(keys: [String], arguments: RedisArguments) -> RedisCommand {
        RedisCommand("EVALSHA", digest, keys.count, Keys(names: keys), arguments)
    }

    var load: RedisCommand { RedisCommand("SCRIPT", "LOAD", source) }

    /// How often a call is repeated when the server keeps losing the script: once for each loss, and a server that
    /// loses it more often than this within one call is broken.
    static let mostCalls = 4
}

/// Several arguments, written in place.
private struct Keys: RedisArgument {
    let names: [String]

    var redisArgumentCount: Int { names.count }
    var redisByteCount: Int { names.reduce(0) { $0 + $1.redisByteCount } }
    func write(to wire: inout OutputSpan<UInt8>) {
        for name in names { name.write(to: &wire) }
    }
}

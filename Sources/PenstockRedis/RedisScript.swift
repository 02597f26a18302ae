/// A Lua script, run by its SHA-1 so that its source crosses the wire only when the server does not know it.
package struct RedisScript: Hashable, Sendable {
    /// For logs and errors.
    package let name: String
    package let source: [UInt8]
    /// 40 hex digits.
    package let digest: String
    /// What runs in a cluster. Our scripts use keys that they do not name, all in one slot; while that slot is being moved, some
    /// of them are here and some there, and a script would stop in the middle, or take for missing what is elsewhere.
    /// This one looks first, with a key that is nowhere.
    private let wary: Text

    package init(name: String, source: [UInt8]) {
        self.name = name
        self.source = source
        digest = SHA1.hex(of: source)
        let lookingFirst = Self.look + source
        wary = Text(source: lookingFirst, digest: SHA1.hex(of: lookingFirst))
    }

    private static let look = Array(
        """
        if KEYS[1] then local seen = redis.pcall('EXISTS', KEYS[1] .. '?') \
        if type(seen) == 'table' and seen.err then return redis.error_reply('TRYAGAIN the slot is being moved') end end

        """.utf8)

    /// What a server is given.
    struct Text: Hashable, Sendable {
        let source: [UInt8]
        let digest: String

        func command(for call: RedisScriptCall) -> RedisCommand {
            RedisCommand("EVALSHA", digest, call.keys.count, Keys(names: call.keys), call.arguments)
        }

        /// For a server that has lost it, however often it does.
        func commandWithSource(for call: RedisScriptCall) -> RedisCommand {
            RedisCommand("EVAL", source, call.keys.count, Keys(names: call.keys), call.arguments)
        }

        var load: RedisCommand { RedisCommand("SCRIPT", "LOAD", source) }
    }

    func text(for address: RedisAddress) -> Text {
        address.isCluster ? wary : Text(source: source, digest: digest)
    }

    package init(name: String, source: String) {
        self.init(name: name, source: Array(source.utf8))
    }
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

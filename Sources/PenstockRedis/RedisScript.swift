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
    /// What every call of it has, where calls may go to the server together.
    let form: Form?

    /// How many keys and arguments a call has.
    struct Form: Hashable, Sendable {
        let keys: Int
        let arguments: Int
    }

    package init(name: String, source: [UInt8]) {
        self.init(name: name, source: source, form: nil)
    }

    /// A script whose calls go to the server together when there are several at once: to begin a script costs Redis more than most of
    /// them do. Each has its own answer, and its own error.
    ///
    /// - Parameters:
    ///   - name: For logs and errors.
    ///   - prelude: Made once for all that go together; it cannot see `KEYS` and `ARGV`, which are the first call's.
    ///   - body: Run for each call, with its own `KEYS` and `ARGV`. It names its locals as such.
    ///   - keys: How many keys each call has, at least 1.
    ///   - arguments: How many arguments each call has.
    package init(name: String, prelude: [UInt8] = [], body: [UInt8], keys: Int, arguments: Int) {
        let form = Form(keys: keys, arguments: arguments)
        let head = Array("local function call(KEYS, ARGV)\n".utf8)
        self.init(name: name, source: prelude + head + body + Self.calls(of: form), form: form)
    }

    private init(name: String, source: [UInt8], form: Form?) {
        self.name = name
        self.source = source
        self.form = form
        digest = SHA1.hex(of: source)
        let lookingFirst = Self.look + source
        wary = Text(source: lookingFirst, digest: SHA1.hex(of: lookingFirst))
    }

    private static let look = Array(
        """
        if KEYS[1] then local seen = redis.pcall('EXISTS', KEYS[1] .. '?') \
        if type(seen) == 'table' and seen.err then return redis.error_reply('TRYAGAIN the slot is being moved') end end

        """.utf8)

    /// What Redis says of a command reaches the script as it is from Redis 7 on, and with the line in front in Redis 6.
    private static func calls(of form: Form) -> [UInt8] {
        Array(
            """

            end
            if #KEYS == \(form.keys) then return call(KEYS, ARGV) end
            local answers, names, values, keys, arguments = {}, KEYS, ARGV, {}, {}
            for number = 1, #names / \(form.keys) do
              for place = 1, \(form.keys) do keys[place] = names[(number - 1) * \(form.keys) + place] end
              for place = 1, \(form.arguments) do arguments[place] = values[(number - 1) * \(form.arguments) + place] end
              local fine, answer = pcall(call, keys, arguments)
              if not fine then
                answer = type(answer) == 'table' and answer.err or tostring(answer)
                answer = {err = string.find(answer, '^%u+ ') and answer or 'ERR Error running script: ' .. answer}
              end
              answers[number] = answer or false
            end
            return answers
            """.utf8)
    }

    /// What a server is given.
    struct Text: Hashable, Sendable {
        let source: [UInt8]
        let digest: String

        func call(keys: [String], arguments: RedisArguments) -> RedisCommand {
            RedisCommand("EVALSHA", digest, keys.count, RedisArgumentList(elements: keys), arguments)
        }

        /// Several calls in one.
        func call(_ calls: [RedisScriptCall]) -> RedisCommand {
            RedisCommand(
                "EVALSHA", digest, calls.reduce(0) { $0 + $1.keys.count },
                RedisArgumentList(elements: calls.map(\.keys)),
                RedisArgumentList(elements: calls.map(\.arguments)))
        }

        var load: RedisCommand { RedisCommand("SCRIPT", "LOAD", source) }
    }

    func text(for address: RedisAddress) -> Text {
        address.isCluster ? wary : Text(source: source, digest: digest)
    }

    package init(name: String, source: String) {
        self.init(name: name, source: Array(source.utf8))
    }

    /// How often a call is repeated when the server keeps losing the script: once for each loss, and a server that
    /// loses it more often than this within one call is broken.
    static let mostCalls = 4
}

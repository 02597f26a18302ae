/// A script with what it is called with.
package struct RedisScriptCall: Sendable {
    package let script: RedisScript
    package let keys: [String]
    package let arguments: RedisArguments

    package init(_ script: RedisScript, keys: [String], arguments: RedisArguments) {
        self.script = script
        self.keys = keys
        self.arguments = arguments
    }
}

extension RedisScript {
    /// The text of a script that finds its own keys and arguments behind those of another.
    ///
    /// - Parameters:
    ///   - source: The text; it names each of its keys and arguments by a number, as `KEYS[1]`.
    ///   - call: The call whose keys and arguments stand in front.
    /// - Returns: The text with other numbers.
    package static func standing(_ source: [UInt8], behind call: RedisScriptCall) -> [UInt8] {
        let text = String(decoding: source, as: UTF8.self)
            .replacing(/KEYS\[(\d+)\]/) { "KEYS[\((Int($0.1) ?? 0) + call.keys.count)]" }
            .replacing(/ARGV\[(\d+)\]/) { "ARGV[\((Int($0.1) ?? 0) + call.arguments.count)]" }
        return Array(text.utf8)
    }
}

/// A command, written once into the bytes that go over the wire.
///
///     RedisCommand("SET", key, value, "PX", 10_000)
package struct RedisCommand: Sendable {
    /// Behind the command stands a zero, because hiredis looks one byte past its end.
    private let bytes: [UInt8]
    let isSubscription: Bool

    package init<each Argument: RedisArgument>(_ name: String, _ argument: repeat each Argument) {
        var size = RESP.bulkOverhead + name.redisByteCount + 1
        var count = 1
        isSubscription = Self.subscribes(name)
        for argument in repeat each argument {
            size += argument.redisByteCount
            count += argument.redisArgumentCount
        }
        var wire: [UInt8] = []
        wire.reserveCapacity(size)
        wire.append(addingCapacity: RESP.bulkOverhead) { wire in
            wire.append(UInt8(ascii: "*"))
            wire.appendDecimal(count)
            wire.appendLineEnd()
        }
        wire.appendArgument(name)
        for argument in repeat each argument { wire.appendArgument(argument) }
        wire.append(0)
        bytes = wire
    }

    /// The command as it goes over the wire; the byte behind it can be read, and is zero.
    func withWireBytes<Answer>(_ body: (UnsafePointer<CChar>, Int) -> Answer) -> Answer {
        bytes.withUnsafeBufferPointer { wire in
            wire.withMemoryRebound(to: CChar.self) { chars in
                // Never empty: a command has at least its name.
                guard let first = chars.baseAddress else { preconditionFailure("a command without bytes") }
                return body(first, chars.count - 1)
            }
        }
    }

    /// Whether it runs a script, which may use more keys than it names.
    var isScript: Bool {
        // *3\r\n$7\r\nEVALSHA\r\n…
        bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 3).dropFirst(2).first?.starts(with: "EVAL".utf8)
            ?? false
    }

    static let subscriptionRefusal =
        "this connection answers each command once: it cannot subscribe or monitor"

    /// Subscribing commands have many replies, which needs another kind of connection.
    private static func subscribes(_ name: String) -> Bool {
        switch (name.utf8.first ?? 0) | 0x20 {
        case UInt8(ascii: "s"), UInt8(ascii: "p"), UInt8(ascii: "u"), UInt8(ascii: "m"):
            guard name.utf8.count >= 7 else { return false }
            let word = name.lowercased()
            return word == "monitor" || word.hasSuffix("subscribe")
        default: return false
        }
    }
}

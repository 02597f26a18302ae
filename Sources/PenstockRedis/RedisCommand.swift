/// A command, written once into the bytes that go over the wire.
///
///     RedisCommand("SET", key, value, "PX", 10_000)
package struct RedisCommand: Sendable {
    /// The count of arguments stands before them and is known last, so room for it is left in front; behind them stands
    /// a zero, because hiredis looks one byte past a command's end.
    private var bytes: [UInt8]
    private var start = headerRoom
    private var count: Int

    /// `*`, up to ten digits, a line end.
    private static let headerRoom = 13

    package init<each Argument: RedisArgument>(_ name: String, _ argument: repeat each Argument) {
        var size = Self.headerRoom + name.redisByteCount + 1
        repeat size += (each argument).redisByteCount
        bytes = []
        bytes.reserveCapacity(size)
        bytes.append(contentsOf: repeatElement(0, count: Self.headerRoom))
        name.write(to: &bytes)
        count = 1
        repeat write(each argument)
        seal()
    }

    package mutating func append(_ argument: some RedisArgument) {
        bytes.removeLast()
        write(argument)
        seal()
    }

    package mutating func append(contentsOf list: [some RedisArgument]) {
        bytes.removeLast()
        bytes.reserveCapacity(bytes.count + list.reduce(1) { $0 + $1.redisByteCount })
        for argument in list { write(argument) }
        seal()
    }

    private mutating func write(_ argument: some RedisArgument) {
        count += argument.redisArgumentCount
        argument.write(to: &bytes)
    }

    private mutating func seal() {
        bytes.append(0)
        start = Self.headerRoom
        func put(_ byte: UInt8) {
            start -= 1
            bytes[start] = byte
        }
        put(UInt8(ascii: "\n"))
        put(UInt8(ascii: "\r"))
        var rest = count
        repeat {
            put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        put(UInt8(ascii: "*"))
    }

    /// The command as it goes over the wire; the byte behind it can be read, and is zero.
    func withWireBytes<Answer>(_ body: (UnsafePointer<CChar>, Int) -> Answer) -> Answer {
        bytes.withUnsafeBytes { all in
            let wire = all[start..<all.count - 1]
            return wire.withMemoryRebound(to: CChar.self) { chars in
                // Never empty: a command has at least its name.
                guard let first = chars.baseAddress else { preconditionFailure("a command without bytes") }
                return body(first, chars.count)
            }
        }
    }

    /// Subscribing commands have many replies, which needs another kind of connection.
    var isSubscription: Bool {
        // The name stands behind `$<length>\r\n`; of these, the length has one or two digits.
        let mark = Self.headerRoom + (bytes[Self.headerRoom + 2] == UInt8(ascii: "\r") ? 4 : 5)
        switch bytes[mark] | 0x20 {
        case UInt8(ascii: "s"), UInt8(ascii: "p"), UInt8(ascii: "u"), UInt8(ascii: "m"):
            let name = bytes[mark...].prefix { $0 != UInt8(ascii: "\r") }
            guard name.count == 7 || name.count >= 9 else { return false }
            let word = String(decoding: name, as: UTF8.self).lowercased()
            return word == "monitor" || word.hasSuffix("subscribe")
        default: return false
        }
    }
}

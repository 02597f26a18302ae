import Testing

@testable import PenstockRedis

@Suite struct RedisCommandTests {
    @Test func `a command is written as an array of bulk strings`() {
        #expect(RedisCommand("PING").text == "*1\r\n$4\r\nPING\r\n")
        #expect(
            RedisCommand("SET", "kä", [0x41, 0x0D, 0x0A] as [UInt8], "PX", 10_000).text
                == "*5\r\n$3\r\nSET\r\n$3\r\nkä\r\n$3\r\nA\r\n\r\n$2\r\nPX\r\n$5\r\n10000\r\n")
    }

    @Test(arguments: [0, 7, 10, 99, -1, -10, 1_000_000, .max, .min])
    func `an integer is written in digits`(_ number: Int) {
        let digits = String(number)
        #expect(RedisCommand("X", number).text == "*2\r\n$1\r\nX\r\n$\(digits.utf8.count)\r\n\(digits)\r\n")
    }

    @Test func `a list counts as many arguments`() {
        var list = RedisArguments(["a", "b"])
        list.append(3)
        list.append(contentsOf: [[UInt8]("c".utf8), []])
        #expect(list.count == 5)
        #expect(
            RedisCommand("DEL", list, "z").text
                == "*7\r\n$3\r\nDEL\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\n3\r\n$1\r\nc\r\n$0\r\n\r\n$1\r\nz\r\n")
        #expect(
            RedisCommand("DEL", ["a", 1] as RedisArguments).text
                == "*3\r\n$3\r\nDEL\r\n$1\r\na\r\n$1\r\n1\r\n")
        #expect(RedisCommand("DEL", RedisArguments()).text == "*1\r\n$3\r\nDEL\r\n")
    }

    @Test func `eleven arguments need two digits`() {
        let list = RedisArguments((0..<10).map { "\($0)" })
        #expect(RedisCommand("DEL", list).text.hasPrefix("*11\r\n$3\r\nDEL\r\n$1\r\n0\r\n"))
    }

    @Test func `a zero stands behind the command`() {
        RedisCommand("PING").withWireBytes { bytes, count in #expect(bytes[count] == 0) }
    }

    @Test(arguments: ["SUBSCRIBE", "psubscribe", "UNSUBSCRIBE", "PUNSUBSCRIBE", "MONITOR", "SSUBSCRIBE"])
    func `a subscribing command is known`(_ name: String) {
        #expect(RedisCommand(name, "x").isSubscription)
    }

    @Test(arguments: ["SET", "PING", "PUBLISH", "MGET", "SMEMBERS", "UNLINK", "EVALSHA", "SUNIONSTORE", "s"])
    func `another command is not taken for one`(_ name: String) {
        #expect(!RedisCommand(name, "x").isSubscription)
    }
}

extension RedisCommand {
    fileprivate var text: String {
        withWireBytes { bytes, count in
            String(decoding: (0..<count).map { UInt8(bitPattern: bytes[$0]) }, as: UTF8.self)
        }
    }
}

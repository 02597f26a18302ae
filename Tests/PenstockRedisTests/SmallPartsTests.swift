import Testing

@testable import PenstockRedis

@Suite struct SHA1Tests {
    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
        ), (String(repeating: "a", count: 1_000), "291e9a6c66994949b57ba5e650361e98fc36b1ba"),
    ])
    func `a digest is the standard's`(_ text: String, _ digest: String) {
        #expect(SHA1.hex(of: Array(text.utf8)) == digest)
    }
}

@Suite struct FIFOTests {
    @Test func `what goes in first comes out first`() {
        var line = FIFO<Int>()
        var next = 0
        for number in 0..<10_000 {
            line.append(number)
            if number % 3 == 0 {
                #expect(line.popFirst() == next)
                next += 1
            }
        }
        #expect(line.count == 10_000 - next)
        while let number = line.popFirst() {
            #expect(number == next)
            next += 1
        }
        #expect(next == 10_000 && line.isEmpty)
    }

    @Test func `some are taken out and the rest keep their order`() {
        var line = FIFO<Int>()
        for number in 0..<10 { line.append(number) }
        _ = line.popFirst()
        #expect(line.min { $0 } == 1)
        #expect(line.removeAll { $0 % 2 == 0 } == [2, 4, 6, 8])
        #expect(line.contains { $0 == 3 } && !line.contains { $0 == 2 })
        #expect(line.removeAll() == [1, 3, 5, 7, 9])
        #expect(line.isEmpty && line.min { $0 } == nil)
    }
}

@Suite struct RedisBackoffTests {
    @Test func `the pause doubles up to the longest, less up to a half`() {
        var backoff = RedisBackoff(first: .milliseconds(50), longest: .seconds(2))
        var random = SystemRandomNumberGenerator()
        for whole in [50, 100, 200, 400, 800, 1_600, 2_000, 2_000].map(Duration.milliseconds) {
            let pause = backoff.next(using: &random)
            #expect(pause <= whole && pause >= whole / 2)
        }
        for _ in 0..<100 { _ = backoff.next(using: &random) }
        backoff.reset()
        #expect(backoff.next(using: &random) <= .milliseconds(50))
    }
}

@Suite struct RedisGreetingTests {
    @Test(arguments: [
        "LOADING Redis is loading", "MASTERDOWN Link", "BUSY Redis is busy",
        "ERR max number of clients reached",
    ])
    func `a server that is not ready is asked again`(_ message: String) {
        #expect(RedisGreeting.ping.verdict(on: .error(message)) == .later(message))
        #expect(RedisGreeting.authenticate.verdict(on: .error(message)) == .later(message))
    }

    @Test func `a refusal is final, but for the name and the right to ping`() {
        let wrong = RedisReply.error("WRONGPASS invalid")
        #expect(
            RedisGreeting.authenticate.verdict(on: wrong) == .never(.refused(message: "WRONGPASS invalid")))
        #expect(RedisGreeting.name.verdict(on: .error("NOPERM no")) == .goOn)
        #expect(RedisGreeting.ping.verdict(on: .error("NOPERM no")) == .open)
        #expect(RedisGreeting.ping.verdict(on: .status("PONG")) == .open)
        #expect(RedisGreeting.select.verdict(on: .status("OK")) == .goOn)
    }

    @Test func `a server without AUTH does not make us tell the password`() {
        let echo = RedisReply.error("ERR unknown command 'AUTH', with args beginning with: 'hush' ")
        guard case .never(let error) = RedisGreeting.authenticate.verdict(on: echo) else {
            Issue.record("taken for a success")
            return
        }
        #expect(error == .refused(message: "ERR unknown command 'AUTH'"))
    }
}

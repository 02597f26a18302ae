import Testing

@testable import PenstockRedis

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

import Testing

@testable import PenstockRedis

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

/// How often something is tried, and how long is waited in between.
///
/// The wait before retry n (counted from 1) is drawn evenly from zero to `firstDelay × multiplier^(n-1)`, at most
/// `maxDelay` ("full jitter": Marc Brooker, "Exponential Backoff And Jitter", 2015); without jitter it is that bound itself.
public struct RetryPolicy: Hashable, Sendable {
    /// Tries in all, the first included.
    public var maxAttempts: Int
    /// The bound of the wait before the first retry.
    public var firstDelay: Duration
    /// What the bound is multiplied by from one retry to the next.
    public var multiplier: Double
    /// The bound never exceeds this.
    public var maxDelay: Duration
    /// Whether the wait is drawn at random below its bound.
    public var jitter: Bool

    /// Tries once.
    public static let never = RetryPolicy.exponential(maxAttempts: 1)

    /// Waits that double, drawn at random, from half a second up to a minute.
    public static func exponential(
        maxAttempts: Int, firstDelay: Duration = .milliseconds(500), multiplier: Double = 2,
        maxDelay: Duration = .seconds(60), jitter: Bool = true
    ) -> RetryPolicy {
        RetryPolicy(
            maxAttempts: maxAttempts, firstDelay: firstDelay, multiplier: multiplier, maxDelay: maxDelay,
            jitter: jitter)
    }

    /// The same wait before each retry.
    public static func constant(maxAttempts: Int, delay: Duration) -> RetryPolicy {
        RetryPolicy(
            maxAttempts: maxAttempts, firstDelay: delay, multiplier: 1, maxDelay: delay, jitter: false)
    }

    /// The wait before retry `retry`, counted from 1.
    package func delay(beforeRetry retry: Int) -> Duration {
        delay(beforeRetry: retry, drawn: jitter ? Double.random(in: 0...1) : 1)
    }

    /// The wait before retry `retry`, at the point `drawn` (0 to 1) of its range.
    package func delay(beforeRetry retry: Int, drawn: Double) -> Duration {
        var bound = firstDelay.inSeconds
        let limit = maxDelay.inSeconds
        for _ in 1..<max(1, retry) where bound < limit {
            bound *= multiplier
        }
        return .microseconds(Int64(min(bound, limit) * drawn * 1_000_000))
    }
}

extension RetryPolicy {
    /// For asking again what was not answered: from 50 ms to a second, without an end.
    package static let untilAnswered = RetryPolicy.exponential(
        maxAttempts: .max, firstDelay: .milliseconds(50), maxDelay: .seconds(1))

    /// For a server that is not reached: from 100 ms to 2 s, without an end.
    package static let untilReached = RetryPolicy.exponential(
        maxAttempts: .max, firstDelay: .milliseconds(100), maxDelay: .seconds(2))
}

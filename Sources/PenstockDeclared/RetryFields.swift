import PenstockModel

/// How waits between tries are declared.
enum RetryFields {
    static let waitKeys = ["backoff_seconds", "multiplier", "max_backoff_seconds", "jitter"]

    static func policy(_ fields: Fields, default policy: RetryPolicy) -> RetryPolicy {
        var policy = policy
        if let attempts = fields.integer("max_attempts", atLeast: 1) { policy.maxAttempts = attempts }
        if let first = fields.wait("backoff_seconds") { policy.firstDelay = first }
        if let multiplier = fields.number("multiplier", atLeast: 1) { policy.multiplier = multiplier }
        if let longest = fields.wait("max_backoff_seconds") { policy.maxDelay = longest }
        if let jitter = fields.flag("jitter") { policy.jitter = jitter }
        return policy
    }
}

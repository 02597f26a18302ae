/// Limits and manners of a connection.
package struct RedisSettings: Sendable {
    /// Shown by `CLIENT LIST`.
    package var clientName: String?
    /// For asking sentinels or a cluster's nodes, name look-up, connecting, AUTH, SELECT and a first PING together.
    package var connectLimit: Duration
    /// From sending a command to its reply; past it the connection is cut, because what comes after is no longer ours
    /// to wait for. As long again does a command wait for a connection before it is sent.
    package var commandLimit: Duration

    package init(
        clientName: String? = nil, connectLimit: Duration = .seconds(5),
        commandLimit: Duration = .seconds(10)
    ) {
        self.clientName = clientName
        self.connectLimit = connectLimit
        self.commandLimit = commandLimit
    }
}

/// How long to pause before the next try to connect.
struct RedisBackoff: Sendable {
    private let first: Duration
    private let longest: Duration
    private var tries = 0

    init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
    }

    mutating func reset() { tries = 0 }

    /// The pause doubles up to the longest; half of it is left to chance, so that workers do not come back as one.
    mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
        // 2^20 times any sensible first pause is past any sensible longest one.
        let pause = min(first * (1 << min(tries, 20)), longest)
        tries += 1
        return pause * Double.random(in: 0.5...1, using: &random)
    }
}

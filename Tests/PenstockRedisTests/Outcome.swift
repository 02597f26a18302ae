import PenstockRedis

/// How a call ended, for tests that care for no more than that.
enum Outcome: Equatable {
    case answered, unavailable, unknownEffect, refused, busy, closed

    init<Answer>(of call: () async throws(RedisError) -> Answer) async {
        do throws(RedisError) {
            _ = try await call()
            self = .answered
        } catch {
            self.init(error)
        }
    }

    init(_ error: RedisError) {
        self =
            switch error {
            case .unavailable: .unavailable
            case .unknownEffect: .unknownEffect
            case .refused: .refused
            case .busy: .busy
            case .closed: .closed
            }
    }
}

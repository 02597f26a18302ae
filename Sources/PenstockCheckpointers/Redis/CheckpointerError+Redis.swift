import PenstockModel
import PenstockRedis

extension CheckpointerError {
    /// What an error of the client means for the store.
    init(_ error: RedisError) {
        switch error {
        case .unavailable(let reason): self = .unavailable(reason: reason)
        case .unknownEffect(let reason): self = .unavailable(reason: reason)
        case .busy: self = .unavailable(reason: "the connection to Redis has another command under way")
        case .closed: self = .unavailable(reason: "the connection to Redis was closed")
        case .refused(let message): self.init(refusal: message, code: error.code.map { String($0) } ?? "")
        }
    }

    private init(refusal message: String, code: String) {
        // A script's own complaint, with the key that it is about.
        if let mark = message.firstRange(of: "UNREADABLE ") {
            let key = message[mark.upperBound...].prefix { $0 != " " }
            self = .unreadable(what: "the Redis key \(key)", reason: "it is no checkpoint")
            return
        }
        switch code {
        case "BUSY":
            self = .unavailable(reason: message)
        case "OOM":
            self = .refused(reason: "Redis is full (maxmemory): \(message)")
        case "MISCONF":
            self = .refused(reason: "Redis cannot write to its disk: \(message)")
        case "WRONGTYPE":
            self = .unfit(
                reason: "a key of the store holds something else; is the prefix shared? \(message)")
        case "NOPERM":
            self = .refused(reason: "the Redis user lacks a right: \(message)")
        case "NOAUTH", "WRONGPASS":
            self = .refused(reason: "Redis asks for another password: \(message)")
        default:
            self = .unfit(reason: "Redis answered: \(message)")
        }
    }

    /// An answer that none of our scripts gives.
    static func unexpected(_ reply: RedisReply, to script: String) -> CheckpointerError {
        .unreadable(what: "the answer to \(script)", reason: "it is \(String(describing: reply).prefix(200))")
    }
}

/// Why a command to Redis has no answer that can be used.
package enum RedisError: Error, Hashable, Sendable {
    /// The command was surely not carried out: there was no connection within the time limit, or the server turned it away
    /// because it serves no writes now, as a replica (`READONLY`) or one that is loading its data. Try again.
    case unavailable(reason: String)
    /// It was sent, and the connection died, was cut or timed out before the reply. It may have taken effect, and may
    /// still do so: repeat it only if that does no harm.
    case unknownEffect(reason: String)
    /// The server answered with an error, such as `WRONGTYPE …` or `OOM …`. A plain command did nothing; a script that
    /// stopped in the middle keeps what it wrote. Most are bugs or settings; trying again seldom helps.
    case refused(message: String)
    /// This connection takes one command at a time and has one under way. Not sent. A bug of the caller's.
    case busy
    /// The client was closed. Not sent. Give up.
    case closed
}

extension RedisError {
    /// The first word of the server's error reply: `NOSCRIPT`, `OOM`, `READONLY`, `ERR` …
    package var code: Substring? {
        guard case .refused(let message) = self else { return nil }
        return message.prefix { $0 != " " }
    }

    /// What happened, for a sentence.
    package var reason: String {
        switch self {
        case .unavailable(let reason), .unknownEffect(let reason): reason
        case .refused(let message): message
        case .busy: "the connection is busy"
        case .closed: "the connection was closed"
        }
    }

    /// The server's complaint, without the arguments that it quotes: they may be secrets.
    static func refused(quoting message: String) -> RedisError {
        guard message.hasPrefix("ERR unknown"), let quote = message.firstRange(of: ", with args") else {
            return .refused(message: message)
        }
        return .refused(message: String(message[..<quote.lowerBound]))
    }
}

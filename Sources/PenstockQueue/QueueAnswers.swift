import PenstockModel
import PenstockRedis

/// What a call for claims brought.
package enum ClaimAnswer: Sendable {
    /// The worker was given up for dead, or never registered: nothing was claimed.
    case unregistered
    /// The claims, oldest first, and how many jobs wait on.
    case claimed([Claim], waiting: Int)

    init?(_ reply: RedisReply, from queue: QueueName) {
        guard let parts = reply.asArray, let word = parts.first?.asString else { return nil }
        switch word {
        case "unregistered": self = .unregistered
        case "claimed":
            guard parts.count >= 2, let waiting = parts[1].asInt,
                (parts.count - 2).isMultiple(of: Claim.partCount)
            else { return nil }
            var claims: [Claim] = []
            for start in stride(from: 2, to: parts.count, by: Claim.partCount) {
                guard let claim = Claim(parts[start..<start + Claim.partCount], from: queue) else {
                    return nil
                }
                claims.append(claim)
            }
            self = .claimed(claims, waiting: waiting)
        default: return nil
        }
    }
}

extension Claim {
    static let partCount = 10

    /// Reads the parts in the order in which `claim.lua` gives them.
    init?(_ parts: ArraySlice<RedisReply>, from queue: QueueName) {
        let parts = Array(parts)
        guard parts.count == Self.partCount, let kind = parts[0].asString.flatMap(Kind.init(rawValue:)),
            let number = parts[1].asString, let message = parts[2].asBytes, let id = parts[3].asString,
            let session = parts[4].asString, let attempts = parts[5].asInt, let crashes = parts[6].asInt,
            let crashBase = parts[7].asInt, let crashStep = parts[8].asInt,
            let isFirst = parts[9].asInt
        else { return nil }
        self.init(
            kind: kind, number: number, queue: queue, message: message, id: id, session: session,
            attempts: attempts, crashes: crashes, crashBase: crashBase, crashStep: crashStep,
            isFirst: isFirst == 1)
    }
}

extension Settled {
    init?(_ reply: RedisReply, after claim: Claim) {
        guard let parts = reply.asArray, let held = parts.first?.asInt else { return nil }
        if held == 0 {
            self = .notHeld
        } else if held == 2 {
            self = .outOfPatience
        } else if held == 3 {
            self = .due
        } else if parts.count == 1 {
            self = .settled(next: nil)
        } else {
            guard let next = Claim(parts.dropFirst(), from: claim.queue) else { return nil }
            self = .settled(next: next)
        }
    }
}

/// What a beat told.
package enum BeatAnswer: Sendable {
    /// The worker was given up for dead: all its claims are others' now.
    case unregistered
    /// How many messages stand in its processing lists, and the claims whose lock it has lost.
    case alive(listed: Int, lost: [String])

    init?(_ reply: RedisReply) {
        guard let parts = reply.asArray, let word = parts.first?.asString else { return nil }
        if word == "unregistered" {
            self = .unregistered
        } else {
            guard parts.count >= 2, let listed = parts[1].asInt else { return nil }
            self = .alive(listed: listed, lost: parts.dropFirst(2).compactMap(\.asString))
        }
    }
}

/// How the hearts of all workers beat.
package struct Survey: Sendable {
    /// How many due jobs this pass has moved.
    package let moved: Int
    /// The last sign of life of each worker: compared with an earlier one, never taken for a time.
    package let beats: [String: String]

    init?(_ reply: RedisReply) {
        guard let parts = reply.asArray, let moved = parts.first?.asInt, !parts.count.isMultiple(of: 2) else {
            return nil
        }
        var beats: [String: String] = [:]
        for index in stride(from: 1, to: parts.count, by: 2) {
            guard let worker = parts[index].asString, let beat = parts[index + 1].asString else { return nil }
            beats[worker] = beat
        }
        self.moved = moved
        self.beats = beats
    }
}

/// What came of reaping.
package enum ReapAnswer: Sendable {
    /// The heart beats after all: nothing was done.
    case alive
    /// How many claims went back to their queues, and whether none are left.
    case reaped(Int, isFinished: Bool)

    init?(_ reply: RedisReply) {
        guard let parts = reply.asArray, let word = parts.first?.asString else { return nil }
        if word == "alive" {
            self = .alive
        } else {
            guard parts.count == 3, let given = parts[1].asInt, let finished = parts[2].asInt else {
                return nil
            }
            self = .reaped(given, isFinished: finished == 1)
        }
    }
}

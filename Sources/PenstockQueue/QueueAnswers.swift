import PenstockModel
import PenstockRedis

/// What a call for claims brought.
package enum ClaimAnswer: Sendable {
    /// The worker was given up for dead, or never registered: nothing was claimed.
    case unregistered
    /// The queue is paused, or as many of its jobs run or start as may: nothing may be taken for so long.
    case heldBack(Duration)
    /// The claims, oldest first, and how many jobs wait on. Where jobs wait for a place of their flow it is worth looking again
    /// after a time, though no job comes.
    case claimed([Claim], waiting: Int, lookAgainAfter: Duration?)

    init?(_ reply: RedisReply, from queue: QueueName) {
        guard let parts = reply.asArray, let word = parts.first?.asString else { return nil }
        switch word {
        case "unregistered": self = .unregistered
        case "held back":
            guard parts.count == 3, let wait = parts[2].asInt else { return nil }
            self = .heldBack(.milliseconds(wait))
        case "claimed":
            guard parts.count >= 3, let waiting = parts[1].asInt, let again = parts[2].asInt,
                (parts.count - 3).isMultiple(of: Claim.partCount)
            else { return nil }
            var claims: [Claim] = []
            for start in stride(from: 3, to: parts.count, by: Claim.partCount) {
                guard let claim = Claim(parts[start..<start + Claim.partCount], from: queue) else {
                    return nil
                }
                claims.append(claim)
            }
            self = .claimed(
                claims, waiting: waiting, lookAgainAfter: again > 0 ? .milliseconds(again) : nil)
        default: return nil
        }
    }
}

extension Claim {
    static let partCount = 2

    /// Reads what the prelude's `describe` tells, and the message.
    init?(_ parts: ArraySlice<RedisReply>, from queue: QueueName) {
        guard parts.count == Self.partCount, let told = parts.first?.asString,
            let message = parts.last?.asBytes
        else { return nil }
        let words = told.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        guard words.count == 11, let kind = Kind(rawValue: words[0]), let attempts = Int(words[2]),
            let crashes = Int(words[3]), let crashBase = Int(words[4]), let crashStep = Int(words[5])
        else { return nil }
        self.init(
            kind: kind, number: words[1], queue: queue, message: message, id: words[9], session: words[10],
            attempts: attempts, crashes: crashes, crashBase: crashBase, crashStep: crashStep,
            isCancelled: words[6] == "1", isFirst: words[7] == "1",
            isUnseen: words[8] == "1")
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
    /// The jobs of the worker that asked that are to be cancelled.
    package let cancelled: [String]
    /// The sessions that somebody watches.
    package let watched: [String]
    /// Whether a cron entry is due; only whoever reaps is told.
    package let hasDueCron: Bool
    /// The last sign of life of each worker: compared with an earlier one, never taken for a time.
    package let beats: [String: String]

    init?(_ reply: RedisReply) {
        guard var parts = reply.asArray?[...], let moved = parts.popFirst()?.asInt,
            let dueCrons = parts.popFirst()?.asInt, let cancelled = Self.list(&parts),
            let watched = Self.list(&parts),
            parts.count.isMultiple(of: 2)
        else { return nil }
        self.cancelled = cancelled
        self.watched = watched
        var beats: [String: String] = [:]
        for index in stride(from: parts.startIndex, to: parts.endIndex, by: 2) {
            guard let worker = parts[index].asString, let beat = parts[index + 1].asString else { return nil }
            beats[worker] = beat
        }
        self.moved = moved
        hasDueCron = dueCrons > 0
        self.beats = beats
    }

    /// Takes a list off the front: its length, then its elements.
    private static func list(_ parts: inout ArraySlice<RedisReply>) -> [String]? {
        guard let count = parts.popFirst()?.asInt, (0...parts.count).contains(count) else { return nil }
        defer { parts = parts.dropFirst(count) }
        return parts.prefix(count).compactMap(\.asString)
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

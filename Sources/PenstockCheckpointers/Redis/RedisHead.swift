import PenstockModel

/// What stands in a session's head; `head.lua` says what its fields mean.
enum RedisHead {
    /// What a writer has to name.
    static func fence(seenBy save: Save) -> String {
        "\(save.epoch) \(save.seen) \(save.owner)"
    }

    /// What it leaves behind.
    static func fence(after save: Save) -> String {
        "\(save.epochAfter) \(save.checkpoint?.step ?? save.seen) \(save.ownerAfter)"
    }

    /// What a copy has to name.
    static func fence(_ fence: SessionFence) -> String { "\(fence.epoch) \(fence.head) \(fence.owner)" }

    static func standing(of save: Save) -> String {
        "\(save.version) \(save.status.rawValue) \(save.moment?.microseconds ?? 0) \(save.flow)"
    }

    /// Empty for a session that no flow has written to, or that was reset.
    static func standing(of record: SessionRecord) -> String {
        guard let flow = record.flow, let version = record.version, let status = record.status else {
            return ""
        }
        return "\(version) \(status.rawValue) \(record.updated.microseconds) \(flow)"
    }

    /// The flow that a standing names; `nil` for what is none.
    static func flow(in standing: String) -> String? {
        let words = standing.split(separator: " ", maxSplits: 3)
        return words.count == 4 ? String(words[3]) : nil
    }

    /// Seconds with six digits behind the point, as llmfy's scores are.
    static func score(_ timestamp: Timestamp) -> String {
        let (seconds, rest) = timestamp.microseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        let digits = String(rest)
        let sign = timestamp.microseconds < 0 ? "-" : ""
        return sign + String(seconds) + "." + String(repeating: "0", count: 6 - digits.utf8.count) + digits
    }

    /// Puts a record together. The times are in microseconds; `updated` counts where there is no standing.
    static func record(
        of session: SessionID, epoch: Int, owner: String, head: Int, standing: String?, created: Int,
        updated: Int
    ) throws(CheckpointerError) -> SessionRecord {
        var record = SessionRecord(
            id: session, epoch: Int64(epoch), owner: owner, head: head,
            created: Timestamp(microseconds: Int64(created)), updated: Timestamp(microseconds: Int64(updated))
        )
        guard let standing else { return record }
        let words = standing.split(separator: " ", maxSplits: 3)
        guard words.count == 4, let version = Int(words[0]),
            let status = SessionStatus(rawValue: String(words[1])),
            let written = Int64(words[2])
        else {
            throw .unreadable(
                what: "the head of session \(session)", reason: "\"\(standing)\" is no standing")
        }
        record.version = version
        record.status = status
        record.updated = Timestamp(microseconds: written)
        record.flow = String(words[3])
        return record
    }
}

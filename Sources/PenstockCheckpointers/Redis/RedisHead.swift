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

    /// The fence of a session's head; of one that was never seen, where there is none.
    static func readFence(_ text: String?, of session: SessionID) throws(CheckpointerError) -> SessionFence {
        let words = (text ?? "0 0 ").split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count == 3, let epoch = Int64(words[0]), let head = Int(words[1]) else {
            throw .unreadable(what: "the head of session \(session)", reason: "\"\(text ?? "")\" is no fence")
        }
        return SessionFence(epoch: epoch, owner: String(words[2]), head: head)
    }

    /// How many checkpoints a session's head counts, and the latest of them.
    static func readPosition(
        _ text: String?, of session: SessionID
    ) throws(CheckpointerError) -> (count: Int, latest: CheckpointID) {
        let words = (text ?? "0 0 0 ").split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        guard words.count == 4, let count = Int(words[0]) else {
            throw .unreadable(
                what: "the head of session \(session)", reason: "\"\(text ?? "")\" is no position")
        }
        return (count, CheckpointID(String(words[3])))
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

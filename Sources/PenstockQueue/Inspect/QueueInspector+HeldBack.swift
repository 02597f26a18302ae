import PenstockModel
import PenstockRedis

/// Why a job waits though workers are free, in a sentence.
package enum HeldBack: String, Sendable {
    case queueIsPaused = "its queue is paused"
    case flowIsFull = "it waits for a place of its flow"
}

extension QueueInspector {
    /// What holds a waiting job back, as far as Redis knows.
    package func heldBack(_ job: JobStanding) async throws(QueueError) -> HeldBack? {
        guard job.status == .waiting, let queue = job.queue, let flow = job.flow else { return nil }
        if try await paused().contains(queue) { return .queueIsPaused }
        return try await isHeld(job.id, in: keys.held(flow)) ? .flowIsFull : nil
    }

    /// Whether a job is among the ``mostSearched`` first that wait for a place of their flow.
    private func isHeld(_ id: String, in list: String) async throws(QueueError) -> Bool {
        for start in stride(from: 0, to: Self.mostSearched, by: Self.searchedAtOnce) {
            let reply = try await ask(RedisCommand("LRANGE", list, start, start + Self.searchedAtOnce - 1))
            guard let entries = reply.asArray, !entries.isEmpty else { return false }
            for entry in entries.compactMap(\.asBytes) {
                // The queue and the message.
                let message = Array(entry.drop { $0 != UInt8(ascii: " ") })
                if JobMessage.id(in: message, maxBytes: message.count)?.text == id { return true }
            }
        }
        return false
    }
}

import PenstockModel
import PenstockQueue
import PenstockRedis
import Synchronization

/// Waits at the right end of one queue, on a connection of its own, and rings when a job stands there, or after a time.
///
/// `BLMOVE q q RIGHT RIGHT` blocks until the list has an element and changes nothing (Redis 6.2).
final class QueueListener: Sendable {
    private static let patience: Duration = .seconds(10)
    /// How long the server's answer may take after that; then the connection is taken for dead.
    private static let margin: Duration = .seconds(5)
    private static let pauseAfterError: Duration = .milliseconds(500)

    private let connection: RedisConnection
    private let key: String
    private let bell: Doorbell
    private let isArmed = Atomic<Bool>(false)
    private let arms: AsyncStream<Watch>
    private let arming: AsyncStream<Watch>.Continuation

    /// What to wait for.
    enum Watch: Hashable, Sendable {
        /// An element, and after that time it rings all the same.
        case forElement(atMost: Duration?)
        /// The time alone: an element that is there must not be taken yet, and would ring at once.
        case pause(Duration)

        var isPause: Bool {
            if case .pause = self { true } else { false }
        }
    }

    init(at key: String, over connection: RedisConnection, ringing bell: Doorbell) {
        self.key = key
        self.connection = connection
        self.bell = bell
        (arms, arming) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Starts to wait for the next element, if it does not wait already.
    func arm(for watch: Watch) {
        if isArmed.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
        {
            arming.yield(watch)
        }
    }

    /// Waits whenever armed, until the task is cancelled.
    func listen() async {
        for await watch in arms {
            var ring = Doorbell.Ring.lull
            do {
                switch watch {
                case .forElement(let limit):
                    if try await hasElement(within: min(limit ?? Self.patience, Self.patience)) {
                        ring = .element
                    }
                case .pause(let time): try await Task.sleep(for: time)
                }
            } catch {
                // The claim loop meets the same trouble, and says so.
                do { try await Task.sleep(for: Self.pauseAfterError) } catch { break }
            }
            isArmed.store(false, ordering: .releasing)
            bell.ring(ring)
        }
        await connection.close()
    }

    private func hasElement(within limit: Duration) async throws -> Bool {
        let command = RedisCommand("BLMOVE", key, key, "RIGHT", "RIGHT", limit.blockingSeconds)
        return try await !connection.send(command, limit: limit + Self.margin).isNull
    }
}

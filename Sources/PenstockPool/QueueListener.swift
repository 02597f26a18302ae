import PenstockModel
import PenstockRedis
import Synchronization

/// Waits at the right end of one queue, on a connection of its own, and rings when a job stands there.
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
    private let arms: AsyncStream<Void>
    private let arming: AsyncStream<Void>.Continuation

    init(at key: String, over connection: RedisConnection, ringing bell: Doorbell) {
        self.key = key
        self.connection = connection
        self.bell = bell
        (arms, arming) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Starts to wait for the next element, if it does not wait already.
    func arm() {
        if isArmed.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
        {
            arming.yield()
        }
    }

    /// Waits whenever armed, until the task is cancelled.
    func listen() async {
        let seconds = Int(Self.patience.components.seconds)
        let command = RedisCommand("BLMOVE", key, key, "RIGHT", "RIGHT", seconds)
        for await _ in arms {
            var ring = Doorbell.Ring.lull
            do {
                let reply = try await connection.send(command, limit: Self.patience + Self.margin)
                if !reply.isNull { ring = .element }
            } catch {
                // The claim loop meets the same trouble, and says so.
                do { try await Task.sleep(for: Self.pauseAfterError) } catch { break }
            }
            isArmed.store(false, ordering: .releasing)
            bell.ring(ring)
        }
        await connection.close()
    }
}

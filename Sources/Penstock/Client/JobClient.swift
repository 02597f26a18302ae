public import PenstockModel
import PenstockQueue
import PenstockRedis

/// A producer: puts jobs into queues, waits for their ends, and cancels them.
///
/// One client serves any number of tasks, over one connection.
///
/// ```swift
/// let client = try JobClient("redis://127.0.0.1:6379/0")
/// let receipt = try await client.enqueue(Job("greet", session: "user-123", input: ["name": "Ada"]))
/// let end = try await client.end(of: receipt.id, within: .seconds(30))
/// await client.close()
/// ```
public final class JobClient: Sendable {
    /// Jobs that are pushed by one call: all workers wait while Redis is at it, some milliseconds.
    private static let atOnce = 250

    private let address: RedisAddress
    private let client: RedisClient
    private let inspector: QueueInspector

    /// A client of a Redis server, which it connects to with its first call.
    ///
    /// - Parameters:
    ///   - url: `redis://[USER:PASSWORD@]HOST[:PORT][/DB]`, `redis+unix:///PATH[?db=N]`, or the sentinels or nodes of several servers, as
    ///     `PENSTOCK_REDIS_URL` has it.
    ///   - prefix: In front of all of the queue's keys, as `PENSTOCK_PREFIX` has it.
    /// - Throws: ``JobClientError/misused(_:)`` when the URL cannot be read, or is a cluster's and the prefix has no hash tag.
    public init(
        _ url: String = "redis://127.0.0.1:6379/0", prefix: String = "penstock:"
    ) throws(JobClientError) {
        do {
            address = try RedisAddress(url).serving(prefix: prefix)
        } catch {
            throw .misused(error.description)
        }
        client = RedisClient(address, settings: RedisSettings(clientName: "penstock-producer"))
        inspector = QueueInspector(
            keys: QueueKeys(prefix: prefix), settings: QueueSettings(), client: client)
    }

    /// Puts a job at the end of a queue.
    ///
    /// - Returns: Its id, and what came of it.
    /// - Throws: ``JobClientError``; after ``JobClientError/unavailable(_:)`` it may be in the queue all the same: give it an
    ///   ``Job/id`` of your own and enqueue it again.
    public func enqueue(_ job: Job, to queue: QueueName = "default") async throws(JobClientError)
        -> JobReceipt
    {
        try await enqueue([job], to: queue)[0]
    }

    /// Puts jobs at the end of a queue, in order, some hundred at a time.
    ///
    /// Nothing is sent when one of them could not be run as it is.
    ///
    /// - Returns: For each its id, and what came of it.
    /// - Throws: ``JobClientError``; after ``JobClientError/unavailable(_:)`` any of them may be in the queue all the same.
    public func enqueue(
        _ jobs: [Job], to queue: QueueName = "default"
    ) async throws(JobClientError) -> [JobReceipt] {
        var checked: [CheckedJob] = []
        checked.reserveCapacity(jobs.count)
        for (place, job) in jobs.enumerated() {
            do throws(MessageFault) {
                checked.append(try CheckedJob(job, maxBytes: inspector.settings.maxMessageBytes))
            } catch {
                throw .misused((jobs.count > 1 ? "job \(place): " : "") + error.description)
            }
        }
        var receipts: [JobReceipt] = []
        receipts.reserveCapacity(jobs.count)
        for start in stride(from: 0, to: checked.count, by: Self.atOnce) {
            let some = checked[start..<min(start + Self.atOnce, checked.count)]
            do throws(QueueError) {
                let answers = try await inspector.enqueue(Array(some), to: queue)
                receipts += zip(some, answers).map { JobReceipt(id: $0.id, outcome: .init($1)) }
            } catch {
                throw JobClientError(error)
            }
        }
        return receipts
    }

    /// Waits for the end of a job, without asking again and again; others who wait for it are told too.
    ///
    /// - Parameters:
    ///   - id: The job. It may be unknown yet.
    ///   - limit: How long to wait; `nil` for ever.
    /// - Returns: How it ended; `nil` when it has not in that time. The end is remembered for some days.
    /// - Throws: ``JobClientError``; the job goes on all the same.
    public func end(of id: JobID, within limit: Duration? = nil) async throws(JobClientError) -> JobEnd? {
        let connection = RedisConnection(
            address, settings: RedisSettings(clientName: "penstock-producer-wait"))
        do {
            let standing = try await inspector.awaitEnd(
                of: id, over: connection, until: limit.map { ContinuousClock.now + $0 })
            await connection.close()
            return standing.flatMap { JobEnd($0) }
        } catch {
            await connection.close()
            throw JobClientError(error)
        }
    }

    /// Asks for a job to be cancelled: one that runs is stopped within a second, one that waits ends when its turn comes.
    ///
    /// - Returns: Whether it had not ended yet, as far as is known. It may still be done before it is stopped.
    /// - Throws: ``JobClientError``; after ``JobClientError/unavailable(_:)`` it may be cancelled all the same.
    @discardableResult
    public func cancel(_ id: JobID) async throws(JobClientError) -> Bool {
        do {
            return try await inspector.cancel(id)?.isEnd != true
        } catch {
            throw JobClientError(error)
        }
    }

    /// Ends the connection. Calls after it throw.
    public func close() async {
        await client.close()
    }
}

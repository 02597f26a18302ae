public import PenstockJSON
public import PenstockModel
import PenstockQueue

/// What came of enqueueing a job.
public struct JobReceipt: Hashable, Sendable {
    /// The job's id.
    public let id: JobID
    /// Whether it was enqueued.
    public let outcome: Outcome

    /// What came of it.
    public enum Outcome: Hashable, Sendable {
        /// It is in the queue.
        case enqueued
        /// A job of this id stood so before (`waiting`, `running`, `done` …): what is done is not run again, what is dead is.
        case known(status: String)
        /// A job of this id is known with another session or flow: it was not enqueued.
        case conflict
        /// That job, which has not ended, has the unique key: it was not enqueued.
        case duplicate(of: String)
        /// That job has the session's turn, and this one would rather not wait: it was not enqueued.
        case busy(with: String)
        /// So many jobs wait in the queue already, as many as may: it was not enqueued.
        case full(waiting: Int)
        /// Redis cannot read it (half of a surrogate pair in a text): it was not enqueued.
        case unreadable

        init(_ answer: Enqueued) {
            self =
                switch answer {
                case .new: .enqueued
                case .known(let status): .known(status: status)
                case .conflict: .conflict
                case .duplicate(let holder): .duplicate(of: holder)
                case .busy(let holder): .busy(with: holder)
                case .full(let waiting): .full(waiting: waiting)
                case .unreadable: .unreadable
                }
        }
    }
}

/// How a job ended.
public enum JobEnd: Hashable, Sendable {
    /// Done, with its result; `nil` where that is in the store alone, because it is too large for Redis.
    case done(result: JSON?)
    /// Cancelled, for a reason in a sentence.
    case cancelled(String)
    /// Buried, with the error.
    case dead(String)

    /// - Returns: `nil` for a job that has not ended.
    init?(_ standing: JobStanding) {
        switch standing.status {
        case .done:
            guard let result = standing.result else {
                self = .done(result: nil)
                return
            }
            do {
                self = .done(result: try JSON(parsing: result))
            } catch {
                self = .done(result: .string(String(decoding: result, as: UTF8.self)))
            }
        case .cancelled: self = .cancelled(standing.error ?? "cancelled")
        case .dead: self = .dead(standing.error ?? "no reason was given")
        default: return nil
        }
    }
}

/// Why a client did not do what it was asked.
public enum JobClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The URL or the job is not as it has to be: a sentence. Nothing was sent.
    case misused(String)
    /// Redis gave no answer: it is unknown whether the call took effect.
    case unavailable(String)
    /// Redis refused: out of memory, read-only, a key of another type.
    case refused(String)

    init(_ error: QueueError) {
        self =
            switch error {
            case .unavailable(let reason): .unavailable(reason)
            case .refused(let message): .refused(message)
            case .unexpected: .refused("\(error)")
            }
    }

    /// What happened, in a sentence.
    public var description: String {
        switch self {
        case .misused(let sentence): sentence
        case .unavailable(let reason): "Redis gave no answer: \(reason)"
        case .refused(let message): "Redis refused: \(message)"
        }
    }
}

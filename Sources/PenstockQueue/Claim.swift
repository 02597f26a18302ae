package import PenstockModel

/// A job that a worker has taken, and that it has to settle.
package struct Claim: Sendable {
    package enum Kind: String, Sendable {
        /// To be run: the session's turn and lock are this claim's.
        case job
        /// The scripts could not read it: to be buried. It holds no lock.
        case unreadable
        /// Its id is known with another session or flow: to be buried. It holds no lock.
        case conflict
    }

    package let kind: Kind
    /// Never used again: the lock's value, named by whatever renews or settles.
    package let number: String
    package let queue: QueueName
    /// The message, byte for byte as it stands in the processing list.
    package let message: [UInt8]
    /// The job's id as the scripts read it; empty where they could not.
    package let id: String
    /// The session as the scripts read it; empty where no lock is held.
    package let session: String
    /// Attempts that ended in an error of the flow.
    package let attempts: Int
    /// Times that a worker died with this job.
    package let crashes: Int
    /// How many of the crashes came before the job's progress to ``crashStep``.
    package let crashBase: Int
    /// The session's head when ``crashBase`` was noted.
    package let crashStep: Int
    /// Whether it is to be cancelled.
    package let isCancelled: Bool
    /// Whether nobody has ever claimed the job before: then no other worker can be at it.
    package let isFirst: Bool
    /// Whether the store was seen to hold nothing of the job and of its session when the job was claimed, see ``StoreTraces``.
    package let isUnseen: Bool
}

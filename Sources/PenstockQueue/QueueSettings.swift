package import PenstockModel

/// How long the queue keeps what, and how much.
package struct QueueSettings: Sendable {
    /// A lock lives this long after its last renewal.
    package var lockLife: Duration = .seconds(10)
    /// Larger messages are buried unread.
    package var maxMessageBytes = JobMessage.defaultMaxBytes
    /// Larger results stay in the store alone.
    package var maxResultBytes = 64 << 10
    /// The record of a job that ended, its result included, is kept this long.
    package var recordLife: Duration = .seconds(7 * 86_400)
    /// The notice of a job's end is kept this long for whoever waits.
    package var noticeLife: Duration = .seconds(600)
    /// The dead are kept up to this number …
    package var maxDead = 10_000
    /// … and this age.
    package var deadLife: Duration = .seconds(180 * 86_400)

    /// What the store of the jobs' sessions leaves in this Redis; `nil` where it stands elsewhere. Known, it is given the queue's errands
    /// with its saves.
    package var traces: StoreTraces?

    package init() {}

    /// How long a store keeps the record of a job that has not ended well: longer than the dead list keeps a job that may be sent
    /// again, because the record says that its input was merged.
    package var unendedRecordLife: Duration { deadLife + .seconds(10 * 86_400) }
}

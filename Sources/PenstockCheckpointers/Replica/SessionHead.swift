package import PenstockModel

/// Where a session stands.
package struct SessionHead: Hashable, Sendable {
    /// Its record; `nil` where there is none, or only llmfy has written.
    package var record: SessionRecord?
    /// The checkpoint with the greatest step.
    package var latest: CheckpointID?

    package init(record: SessionRecord?, latest: CheckpointID?) {
        self.record = record
        self.latest = latest
    }
}

/// A stored checkpoint without its content.
package struct CheckpointMark: Hashable, Sendable {
    package var id: CheckpointID
    package var step: Int

    package init(id: CheckpointID, step: Int) {
        self.id = id
        self.step = step
    }
}

/// What a session's writers have to name: whoever knows it, knows that nobody has opened the session since.
package struct SessionFence: Hashable, Sendable {
    package var epoch: Int64
    package var owner: String

    package init(epoch: Int64, owner: String) {
        self.epoch = epoch
        self.owner = owner
    }
}

extension SessionRecord {
    package var fence: SessionFence { SessionFence(epoch: epoch, owner: owner) }
}

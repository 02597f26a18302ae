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

/// What a session's writers and copies have to name: while it is so, nobody has opened the session since, nor saved a checkpoint.
package struct SessionFence: Hashable, Sendable {
    package var epoch: Int64
    package var owner: String
    package var head: Int

    package init(epoch: Int64, owner: String, head: Int) {
        self.epoch = epoch
        self.owner = owner
        self.head = head
    }
}

extension SessionRecord {
    package var fence: SessionFence { SessionFence(epoch: epoch, owner: owner, head: head) }
}

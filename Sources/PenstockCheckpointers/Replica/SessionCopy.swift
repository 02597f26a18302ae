package import PenstockModel

/// A part of a session as it stands in one store, to be taken over by another.
package struct SessionCopy: Sendable {
    /// How the session has to stand where this is taken; `nil` when it must have no record.
    package var over: SessionFence?
    /// The record as it stands afterwards, epoch and owner included.
    package var record: SessionRecord
    /// Checkpoints to add, oldest first.
    package var checkpoints: [Checkpoint]
    /// Records of jobs as they stand afterwards.
    package var jobs: [JobRecord]
    /// Checkpoints to remove before any is added.
    package var removedCheckpoints: [CheckpointID]
    /// Jobs whose records are removed.
    package var removedJobs: [JobID]

    package init(
        over: SessionFence?, record: SessionRecord, checkpoints: [Checkpoint] = [], jobs: [JobRecord] = [],
        removedCheckpoints: [CheckpointID] = [], removedJobs: [JobID] = []
    ) {
        self.over = over
        self.record = record
        self.checkpoints = checkpoints
        self.jobs = jobs
        self.removedCheckpoints = removedCheckpoints
        self.removedJobs = removedJobs
    }

    /// What is wrong with it before any store has seen it, in a sentence; `nil` when nothing is.
    var fault: String? {
        if let checkpoint = checkpoints.first(where: { $0.session != record.id }) {
            return
                "checkpoint \(checkpoint.id) names session \(checkpoint.session), and the copy is of \(record.id)"
        }
        if let job = jobs.first(where: { $0.session != record.id }) {
            return "the record of job \(job.id) names session \(job.session), and the copy is of \(record.id)"
        }
        return nil
    }
}

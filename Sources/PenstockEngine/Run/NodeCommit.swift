import PenstockModel

/// A node that has completed, as it is to be checkpointed.
struct NodeCommit: Sendable {
    /// Made before the first try to save it.
    let id: CheckpointID
    let node: NodeName
    let step: Int
    let state: [UInt8]
    let next: NodeName
    let run: JobID
    let runStep: Int
    let metadata: [UInt8]?
    /// The result of the run, if this is its last.
    let result: [UInt8]?
}

public import PenstockJSON
public import PenstockModel

/// What happens during a run, told as it happens.
public enum FlowEvent: Hashable, Sendable {
    /// A run begins, or goes on, at `next`.
    case runStarted(run: JobID, next: NodeName)
    /// A node begins; its checkpoint will have that step.
    case nodeStarted(NodeName, step: Int)
    /// A node has emitted something while it runs.
    case output(node: NodeName, JSON)
    /// A node tells how far it is, from 0 to 1, and what it is at.
    case progress(node: NodeName, Double, text: String?)
    /// A node has failed, and is tried again in place after a while.
    case nodeFailed(NodeName, step: Int, error: String, again: Duration)
    /// A node has completed: the state after it.
    case nodeCompleted(NodeName, step: Int, state: JSONObject)
    /// The store has the checkpoint.
    case checkpointSaved(CheckpointID, node: NodeName, step: Int)
    /// The run reached END: the state there.
    case runEnded(state: JSONObject)
}

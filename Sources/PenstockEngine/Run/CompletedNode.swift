import PenstockModel

/// A node that has completed, and where the run stands after it.
struct CompletedNode<State: Sendable>: Sendable {
    let node: NodeName
    let after: RunPosition<State>
    let notes: Notes
}

import PenstockJSON

/// What one row of the benchmark measures.
struct BenchCase: Hashable, Sendable {
    var store: BenchStore
    /// How many nodes the flow has.
    var nodes: Int
    var jobs: Int
    /// How many jobs run side by side in each worker.
    var slots: Int
    var workers = 1
    /// How many bytes the state of a session has, about.
    var stateBytes: Int
    /// How many sessions there are already, over which the jobs are spread; each job has one of its own for `nil`.
    var sessions: Int?
    /// How many checkpoints each of those sessions has already.
    var history = 0
    /// How many jobs wait behind those that are measured.
    var waiting = 0
    /// No queue and no locks.
    var isEngineAlone = false

    /// By which a row is found again in another run: everything but the number of jobs.
    var facts: JSONObject {
        [
            "kind": .string(store.kind), "nodes": JSON(nodes), "slots": JSON(slots), "workers": JSON(workers),
            "state_bytes": JSON(stateBytes), "sessions": sessions.map { JSON($0) } ?? .null,
            "history": JSON(history), "waiting": JSON(waiting), "engine": .bool(isEngineAlone),
        ]
    }
}

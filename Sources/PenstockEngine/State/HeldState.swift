import PenstockJSON

/// A state between nodes: the typed value, and what was stored beside it that the type does not know.
struct HeldState<State: Sendable>: Sendable {
    var value: State
    /// Kept as it was read, and written back.
    var extras = JSONObject()
}

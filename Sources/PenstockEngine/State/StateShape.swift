import PenstockJSON

/// How a state comes into being, is stored, and changes: by its type's own `Codable`, or as plain JSON.
package struct StateShape<State: Sendable>: Sendable {
    /// What a new session starts from.
    let initial: @Sendable () -> State
    /// Reads a stored state, laid over the default.
    let decode: @Sendable ([UInt8]) throws -> HeldState<State>
    let encode: @Sendable (HeldState<State>) throws -> [UInt8]
    /// Lays a partial state over the held one, each key through its reducer.
    let merge: @Sendable (inout HeldState<State>, JSONObject) throws -> Void
    let reducers: Reducers<State>
    /// The reducers by key and name, in order, as they were declared.
    let reducerNames: [(key: String, name: String)]
    /// What is wrong with the state type and its reducers.
    let faults: @Sendable () -> [FlowFault]
    /// Whether the state may have this key; `nil` says yes, a text is the suggestion to end a sentence with.
    let refusal: @Sendable (_ key: String) -> String?

    /// Applies all changes of an update, in order; after a throw the state is half changed, and of no use.
    func apply(_ update: Update<State>, to held: inout HeldState<State>) throws {
        for change in update.changes {
            switch change {
            case .value(let change): try change(&held.value, reducers)
            case .partial(let partial): try merge(&held, partial)
            }
        }
    }
}

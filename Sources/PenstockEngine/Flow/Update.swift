public import PenstockJSON

/// A partial state: what a node, or the input, gives for some of the keys.
///
/// Each value goes through the reducer of its key; a key without one is replaced.
///
/// ```swift
/// return Update(\.cents, 1200).and(\.log, ["priced"])
/// ```
public struct Update<State: Sendable>: Sendable {
    enum Change: Sendable {
        case value(@Sendable (inout State, Reducers<State>) throws -> Void)
        case partial(JSONObject)
    }

    private(set) var changes: [Change]

    /// Nothing changes.
    public static var none: Update { Update(changes: []) }

    private init(changes: [Change]) {
        self.changes = changes
    }

    /// A value for one property.
    ///
    /// A path of several steps (`\.address.city`) sets what is inside, past any reducer of the property.
    public init<Value: Sendable>(_ keyPath: any WritableKeyPath<State, Value> & Sendable, _ value: Value) {
        changes = [Self.change(keyPath, value)]
    }

    /// Values by key, as JSON. A typed state refuses keys that it does not have.
    public init(partial: JSONObject) {
        changes = partial.isEmpty ? [] : [.partial(partial)]
    }

    /// This update, and then a value for one more property.
    public func and<Value: Sendable>(
        _ keyPath: any WritableKeyPath<State, Value> & Sendable, _ value: Value
    ) -> Update {
        var more = self
        more.changes.append(Self.change(keyPath, value))
        return more
    }

    /// Whether it changes nothing.
    public var isEmpty: Bool { changes.isEmpty }

    private static func change<Value: Sendable>(
        _ keyPath: any WritableKeyPath<State, Value> & Sendable, _ value: Value
    ) -> Change {
        .value { state, reducers in
            if let combine = reducers.combine(for: keyPath, as: Value.self) {
                state[keyPath: keyPath] = try combine(state[keyPath: keyPath], value)
            } else {
                state[keyPath: keyPath] = value
            }
        }
    }
}

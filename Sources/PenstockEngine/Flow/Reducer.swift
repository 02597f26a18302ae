/// How one key of a state takes a new value.
///
/// The key's name is the property's; where `CodingKeys` rename it, say `key:`.
public struct Reducer<State>: Sendable {
    /// The key as it stands in the stored state.
    package let key: String
    /// The reducer's name, such as `append`.
    package let name: String
    let keyPath: any PartialKeyPath<State> & Sendable
    let combiner: any Combiner
    /// Puts into the second state what becomes of the key, from its old value in the first and its new one in
    /// the second.
    let reduce: @Sendable (State, inout State) throws -> Void

    init<Value: Sendable>(
        _ name: String, _ keyPath: any WritableKeyPath<State, Value> & Sendable, key: String?,
        combine: @escaping @Sendable (Value, Value) throws -> Value
    ) {
        self.key = key ?? keyName(of: keyPath)
        self.name = name
        self.keyPath = keyPath
        combiner = ValueCombiner(combine: combine)
        reduce = { old, new in
            new[keyPath: keyPath] = try combine(old[keyPath: keyPath], new[keyPath: keyPath])
        }
    }

    /// A reducer of your own, which sees the old value and the new one and gives the value to keep.
    ///
    /// What it throws fails the node, or refuses the input. In a worker it runs on the thread that serves the other jobs too: what
    /// computes for long belongs in a node.
    public static func custom<Value: Sendable>(
        _ keyPath: any WritableKeyPath<State, Value> & Sendable, key: String? = nil,
        combine: @escaping @Sendable (_ old: Value, _ new: Value) throws -> Value
    ) -> Reducer {
        Reducer("custom", keyPath, key: key, combine: combine)
    }
}

/// The function of a reducer, its type forgotten until an update of that very type asks for it.
protocol Combiner: Sendable {}

final class ValueCombiner<Value: Sendable>: Combiner {
    let combine: @Sendable (Value, Value) throws -> Value

    init(combine: @escaping @Sendable (Value, Value) throws -> Value) {
        self.combine = combine
    }
}

/// The name of the property: `cents` for `\Order.cents`.
func keyName<Root, Value>(of keyPath: KeyPath<Root, Value>) -> String {
    let text = "\(keyPath)"
    let root = "\\\(Root.self)."
    if text.hasPrefix(root) { return String(text.dropFirst(root.count)) }
    return text.split(separator: ".").last.map(String.init) ?? text
}

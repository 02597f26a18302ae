/// The reducers of a typed state, found by property and by key. There are few: they are looked at one by one.
struct Reducers<State>: Sendable {
    let all: [Reducer<State>]
    private let keyPaths: [any PartialKeyPath<State> & Sendable]

    init(_ all: [Reducer<State>]) {
        self.all = all
        keyPaths = all.map(\.keyPath)
    }

    /// The function for a property, if it has a reducer.
    func combine<Value: Sendable>(
        for keyPath: PartialKeyPath<State>, as type: Value.Type
    ) -> (@Sendable (Value, Value) throws -> Value)? {
        for (index, other) in keyPaths.enumerated() where other == keyPath {
            return (all[index].combiner as? ValueCombiner<Value>)?.combine
        }
        return nil
    }

    /// The reducer for a key of the stored state.
    subscript(key: String) -> Reducer<State>? {
        all.first { $0.key == key }
    }
}

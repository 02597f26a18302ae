/// The two stores of a pair.
struct PairStores: Sendable {
    let primary: any ReplicaStore
    let secondary: any ReplicaStore

    subscript(place: PairStanding.Place) -> any ReplicaStore {
        place == .primary ? primary : secondary
    }
}

/// Which keys of an object a type has asked for.
final class KeyUsage {
    private var used: [Bool]

    init(count: Int) { used = [Bool](repeating: false, count: count) }

    func note(_ position: Int) { used[position] = true }

    func noteAll() { used = [Bool](repeating: true, count: used.count) }

    /// The keys nobody asked for.
    func unused(of object: JSONObject) -> [String] {
        object.entries.indices.filter { !used[$0] }.map { object.entries[$0].key.visible }
    }
}

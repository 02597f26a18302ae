import PenstockEngine
import PenstockModel

/// A state whose log tells which nodes ran, in order.
struct Trail: FlowState {
    var log: [String] = []
    static let reducers: [Reducer<Trail>] = [.append(\.log)]
}

/// Nodes a, b, c in a line, each writing its name; `hook` runs first and may throw.
func line(
    _ name: FlowName = "line", version: Int = 1, nodes names: [NodeName] = ["a", "b", "c"],
    hook: @escaping @Sendable (NodeContext) async throws -> Void = { _ in }
) -> Flow<Trail> {
    Flow(name, version: version) {
        for name in names {
            Node(name) { _, context in
                try await hook(context)
                return Update(\.log, [context.node.text])
            }
        }
        Edge(.start, names[0])
        for (source, target) in zip(names, names.dropFirst()) {
            Edge(source, target)
        }
        Edge(names[names.count - 1], .end)
    }
    .attempts(.constant(maxAttempts: .max, delay: .milliseconds(1)))
}

struct Broken: Error, CustomStringConvertible {
    let description = "it is broken"
}

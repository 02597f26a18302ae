import PenstockEngine
import PenstockModel

/// A state whose log tells which nodes ran, in order.
struct Trail: FlowState, Equatable {
    var log: [String] = []
    var sum = 0
    var note: String?
    static let reducers: [Reducer<Trail>] = [.append(\.log), .sum(\.sum)]
}

/// Nodes a, b, c in a line, each writing its name; `hook` runs first and may throw.
func line(
    version: Int = 1, nodes names: [NodeName] = ["a", "b", "c"],
    hook: @escaping @Sendable (NodeContext) async throws -> Void = { _ in }
) -> Flow<Trail> {
    Flow("line", version: version) {
        for name in names {
            Node(name) { _, context in
                try await hook(context)
                return Update(\.log, [context.node.text]).and(\.sum, 1)
            }
        }
        Edge(.start, names[0])
        for (source, target) in zip(names, names.dropFirst()) {
            Edge(source, target)
        }
        Edge(names[names.count - 1], .end)
    }
}

/// Fails a node as often as told, then lets it pass.
final class Failures: Sendable {
    private let node: NodeName
    private let times: Int
    private let count = Counter()

    init(of node: NodeName, times: Int) {
        self.node = node
        self.times = times
    }

    func callAsFunction(_ context: NodeContext) throws {
        if context.node == node, count.next() <= times { throw Broken() }
    }
}

/// The flow of one node, `a`.
func single(_ node: Node<Trail>) -> Flow<Trail> {
    Flow("single", version: 1) {
        node
        Edge(.start, "a")
        Edge("a", .end)
    }
}

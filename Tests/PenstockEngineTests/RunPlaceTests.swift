import PenstockCheckpointers
import PenstockExecutors
import PenstockJSON
import PenstockModel
import Synchronization
import Testing

@testable import PenstockEngine

/// Where a run goes on.
@Suite(.timeLimit(.minutes(1))) struct RunPlaceTests {
    /// A store in memory whose answers come in on a loop, and which notes which saves come from there.
    private final class Store: StoreInFront {
        let store: any Checkpointer = MemoryCheckpointer()
        let loop = SocketLoop()
        let servesMany: Bool
        let saves = Mutex<[Bool]>([])

        init(servesMany: Bool = true) { self.servesMany = servesMany }

        func executor(isAlone: Bool) -> (any TaskExecutor)? { isAlone || servesMany ? loop : nil }

        func save(_ save: Save) async throws(CheckpointerError) {
            let isOnLoop = loop.isCurrent
            saves.withLock { $0.append(isOnLoop) }
            try await store.save(save)
        }
    }

    private func flow(isLight: Bool, adding: [String] = ["a", "b"]) -> Flow<JSONObject> {
        let names = adding.indices.map { NodeName(unchecked: "n\($0)") }
        return Flow(
            declared: "places", version: 1, reducers: [:],
            nodes: zip(names, adding).map { name, added in
                let body: @Sendable (JSONObject, NodeContext) async throws -> Update<JSONObject> = { _, _ in
                    Update(partial: [name.text: .string(added)])
                }
                return isLight ? Node(light: name, run: body) : Node(name, run: body)
            },
            edges: zip([.start] + names, names + [.end]).map { Edge($0, $1) }, routes: [])
    }

    @Test(arguments: [true, false])
    func `nodes that take no time are run where the answers come in, others are not`(_ isLight: Bool)
        async throws
    {
        let store = Store()
        store.loop.keep()
        _ = try await FlowEngine(flow(isLight: isLight), checkpointer: store).invoke(sessionID: "s")
        #expect(store.saves.withLock(\.self) == [isLight, isLight])
        store.loop.letGo()
    }

    @Test func `the second of two runs leaves a thread that serves only one`() async throws {
        let store = Store(servesMany: false)
        store.loop.keep()
        let (reached, go) = (AsyncStream.makeStream(of: Void.self), AsyncStream.makeStream(of: Void.self))
        let name = NodeName(unchecked: "n")
        let waiting = Flow<JSONObject>(
            declared: "waiting", version: 1, reducers: [:],
            nodes: [
                Node(light: name) { state, _ in
                    if state["first"] != nil {
                        reached.continuation.yield()
                        for await _ in go.stream { break }
                    }
                    return Update(partial: [:])
                }
            ], edges: [Edge(.start, name), Edge(name, .end)], routes: [])
        let engine = try FlowEngine(waiting, checkpointer: store)
        async let first = engine.invoke(Update(partial: ["first": true]), sessionID: "first")
        for await _ in reached.stream { break }
        _ = try await engine.invoke(sessionID: "second")
        #expect(store.saves.withLock(\.self) == [false])
        go.continuation.yield()
        _ = try await first
        #expect(store.saves.withLock(\.self) == [false, true])
        store.loop.letGo()
    }

    @Test func `a state that has grown large is worked on elsewhere`() async throws {
        let store = Store()
        store.loop.keep()
        let large = String(repeating: "x", count: 20_000)
        let engine = try FlowEngine(
            flow(isLight: true, adding: ["a", large, "b", "c"]), checkpointer: store)
        _ = try await engine.invoke(sessionID: "s")
        #expect(store.saves.withLock(\.self) == [true, true, false, false])
        _ = try await engine.invoke(sessionID: "s")
        #expect(store.saves.withLock { $0.suffix(4) } == [false, false, false, false])
        store.loop.letGo()
    }

    /// Notes where it is read.
    private struct Text: FlowState {
        var text = ""

        static let onLoop = Mutex<[Bool]>([])
        /// Where it might be read.
        @TaskLocal static var loop: SocketLoop?

        init() {}

        init(from decoder: any Decoder) throws {
            text = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .text)
            if let loop = Self.loop { Self.onLoop.withLock { $0.append(loop.isCurrent) } }
        }
    }

    @Test func `a large state is read elsewhere too`() async throws {
        let store = Store()
        store.loop.keep()
        try await Text.$loop.withValue(store.loop) {
            for length in [10, 20_000] {
                let flow = Flow<Text>("text", version: 1) {
                    Node(light: "a") { _, _ in Update(\.text, String(repeating: "x", count: length)) }
                    Edge(.start, "a")
                    Edge("a", .end)
                }
                let engine = try FlowEngine(flow, checkpointer: store)
                _ = try await engine.invoke(sessionID: "s")
                Text.onLoop.withLock { $0 = [] }
                _ = try await engine.invoke(sessionID: "s")
                #expect(Text.onLoop.withLock(\.self) == [length == 10])
            }
        }
        store.loop.letGo()
    }
}

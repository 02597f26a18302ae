import Dispatch
import Glibc
import PenstockEngine
import PenstockModel
import Synchronization
import Testing

/// What runs on the worker's loop, and what must not.
@Suite(.timeLimit(.minutes(1))) struct LoopTests {
    @Test func `a node that holds its thread until another job has run does not hold that up`() async throws {
        let bench = try await TestBench.make()
        let gate = Gate()
        let flow = line(nodes: ["a"]) { context in
            if context.session == "first" { gate.pass() } else { gate.open() }
        }
        try await bench.push(#"{"flow":"line","session_id":"first","id":"j"}"#)
        try await bench.push(#"{"flow":"line","session_id":"second","id":"k"}"#)
        await bench.burst([flow])
        #expect(gate.wasPassed)
        for id in ["j", "k"] { #expect(try await bench.job(id)["status"] == "done") }
    }

    @Test func `a large state is worked on elsewhere than what waits for Redis`() async throws {
        let bench = try await TestBench.make()
        let threads = Mutex([String: Set<pthread_t>]())
        let flow = Flow<Trail>("line", version: 1) {
            Node(light: "a") { _, context in
                threads.withLock { _ = $0[context.session?.text ?? "", default: []].insert(pthread_self()) }
                return Update(\.log, ["a"])
            }
            Edge(.start, "a")
            Edge("a", .end)
        }
        let filler = String(repeating: "x", count: 17_000)
        try await bench.push(#"{"flow":"line","session_id":"small","id":"j1"}"#)
        try await bench.push(
            #"{"flow":"line","session_id":"large","id":"j2","input":{"log":["\#(filler)"]}}"#)
        // What is large now is the session's state.
        try await bench.push(#"{"flow":"line","session_id":"large","id":"j3"}"#)
        try await bench.push(#"{"flow":"line","session_id":"small","id":"j4"}"#)
        await bench.burst([flow])
        for number in 1...4 { #expect(try await bench.job("j\(number)")["status"] == "done") }
        let (small, large) = threads.withLock { ($0["small"] ?? [], $0["large"] ?? []) }
        #expect(small.count == 1 && !large.isEmpty && small.isDisjoint(with: large))
    }
}

/// Holds threads up, which a node should not do, and may.
private final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let passed = Mutex(false)

    var wasPassed: Bool { passed.withLock(\.self) }

    func pass() {
        let isInTime = semaphore.wait(timeout: .now() + 20) == .success
        passed.withLock { $0 = isInTime }
    }

    func open() { semaphore.signal() }
}

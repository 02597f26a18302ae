import PenstockCheckpointers
import PenstockJSON
import PenstockModel
import Synchronization

@testable import PenstockEngine

/// A store and a flow, and attempts at jobs as a worker makes them.
struct Desk {
    let runner: FlowRunner
    let store: any Checkpointer
    private let owners = Counter()

    init(_ flow: some RunnableFlow, store: any Checkpointer = MemoryCheckpointer()) {
        runner = flow.runner
        self.store = store
    }

    @discardableResult
    func attempt(
        _ job: JobID, session: SessionID = "s", input: JSONObject? = nil, attempt: Int = 1,
        metadata: JSONObject = [:],
        control: RunControl = RunControl(), events: FlowEvents? = nil
    ) async throws -> RunOutcome {
        let opened = try await store.open(session, for: job, as: "owner-\(owners.next())")
        let order = RunOrder(
            job: job, session: session, attempt: attempt, failures: attempt - 1, input: input,
            metadata: metadata,
            worker: "w1")
        let writer = runner.writer(to: store, opened: opened, order: order, patience: .seconds(5))
        let outcome = await runner.run(
            order, in: opened, writer: writer, control: control, events: events)
        await writer.close()
        return outcome
    }

    /// The nodes of the session's checkpoints, oldest first.
    func path(of session: SessionID = "s") async throws -> [String] {
        try await store.checkpoints(of: session, limit: 1000, before: nil).reversed().map(\.node)
    }

    func state(of session: SessionID = "s") async throws -> JSONObject? {
        try await store.latest(of: session).flatMap { try JSON(parsing: $0.state).object }
    }
}

/// Counts from 1, from any task.
final class Counter: Sendable {
    private let count = Mutex(0)

    @discardableResult
    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }

    var value: Int { count.withLock { $0 } }
}

/// Remembers what it is told, from any task.
final class Ledger<Entry: Sendable>: Sendable {
    private let kept = Mutex<[Entry]>([])

    func note(_ entry: Entry) { kept.withLock { $0.append(entry) } }

    var entries: [Entry] { kept.withLock { $0 } }
}

/// Opens once; whoever waits before goes on then.
final class Gate: Sendable {
    private struct Standing {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let standing = Mutex(Standing())

    func open() {
        let waiting = standing.withLock { standing in
            standing.isOpen = true
            defer { standing.waiting = [] }
            return standing.waiting
        }
        for waiter in waiting { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = standing.withLock { standing in
                if !standing.isOpen { standing.waiting.append(continuation) }
                return standing.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

struct Broken: Error, CustomStringConvertible {
    var description: String { "it broke" }
}

extension RunOutcome {
    /// The result as JSON, if it finished.
    var result: JSON? {
        guard case .finished(let bytes) = self else { return nil }
        return try? JSON(parsing: bytes)
    }

    var failure: RunFailure? {
        if case .failed(let failure) = self { failure } else { nil }
    }

    var refusal: String? {
        if case .refused(let sentence) = self { sentence } else { nil }
    }

    var isStopped: Bool { if case .stopped = self { true } else { false } }
    var isCancelled: Bool { if case .cancelled = self { true } else { false } }
    var isFenced: Bool { if case .fenced = self { true } else { false } }
}

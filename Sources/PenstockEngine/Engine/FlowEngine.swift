public import PenstockModel

/// Runs one flow, by itself: no queue, no workers.
///
/// ```swift
/// let engine = try FlowEngine(order(carrier), checkpointer: MemoryCheckpointer())
/// let done = try await engine.invoke(Update(\.items, ["pen"]), sessionID: "user-123")
/// ```
///
/// Within one process the invokes of a session queue up, in the order in which they came. Between processes
/// one of two runs in a session wins: the one that began after the other's first save or, if neither had saved when they
/// began, the one whose first save comes first. The other throws ``FlowEngineError/fenced(_:)`` at its next save.
public final class FlowEngine<State: Sendable>: Sendable {
    let plan: FlowPlan<State>
    let checkpointer: (any Checkpointer)?
    let log: Log
    let line = SessionLine()
    /// Whether no node may compute or block.
    private let isLight: Bool
    /// How long the store may give no answer.
    let patience: Duration

    /// An engine for a flow.
    ///
    /// - Parameters:
    ///   - flow: The flow.
    ///   - checkpointer: Where sessions are kept; without one nothing is saved.
    ///   - log: Where lines go about what was not planned.
    /// - Throws: ``FlowEngineError/faults(_:)`` with all that is wrong with the flow.
    public convenience init(
        _ flow: Flow<State>, checkpointer: (any Checkpointer)? = nil, log: Log = .silent
    ) throws(FlowEngineError) {
        try self.init(flow, checkpointer: checkpointer, log: log, patience: .seconds(10))
    }

    init(
        _ flow: Flow<State>, checkpointer: (any Checkpointer)?, log: Log, patience: Duration
    ) throws(FlowEngineError) {
        let faults = flow.faults
        guard faults.isEmpty else { throw .faults(faults) }
        plan = FlowPlan(flow)
        isLight = flow.nodes.allSatisfy { !$0.mayCompute }
        self.checkpointer = checkpointer
        self.log = log
        self.patience = patience
    }

    /// Runs the flow until END.
    ///
    /// In a session whose last run is complete a new one begins on its state; one that stopped in the middle
    /// goes on there.
    ///
    /// - Parameters:
    ///   - input: Merged into the session's state by the reducers; `nil` just goes on.
    ///   - sessionID: Which session; without one, or without a checkpointer, nothing is saved.
    /// - Returns: The state at END.
    /// - Throws: ``FlowEngineError``, or `CancellationError` when the task is cancelled. Where a node failed,
    ///   what was done before it is saved; the input is, once a first node has completed.
    public func invoke(_ input: Update<State>? = nil, sessionID: SessionID? = nil) async throws -> State {
        try await run(input, sessionID, events: nil)
    }

    /// Runs the flow like ``invoke(_:sessionID:)`` and tells what happens.
    ///
    /// Who stops listening cancels the run. The stream throws what ``invoke(_:sessionID:)`` would.
    public func stream(
        _ input: Update<State>? = nil, sessionID: SessionID? = nil
    ) -> AsyncThrowingStream<FlowEvent, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task {
                do {
                    _ = try await self.run(
                        input, sessionID, events: FlowEvents { continuation.yield($0) })
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }
}

extension FlowEngine {
    private func run(
        _ input: Update<State>?, _ session: SessionID?, events: FlowEvents?
    ) async throws -> State {
        let job = JobID(unchecked: UUIDv7Source.shared.next())
        let run = FlowRun(
            plan: plan,
            order: RunOrder(job: job, session: session ?? SessionID(unchecked: job.text), worker: "engine"),
            input: input, control: RunControl(),
            log: log.with(["session": session?.text, "flow": plan.name.text]), events: events)
        guard let session, let checkpointer else { return try state(at: await run.run(), session) }
        return try await line.whenFree(session) {
            let executor = isLight ? checkpointer.executor(isAlone: line.count == 1) : nil
            return try await withTaskExecutorPreference(executor) {
                let (opened, opening) = try await open(session, for: job, in: checkpointer)
                let writer = SessionWriter(
                    to: checkpointer, opened: opened, opening: opening, order: run.order, flow: plan.name,
                    version: plan.version, patience: patience, log: run.log)
                let end = await run.run(in: opened, writer: writer)
                if case .ended(.failed(let failure)) = end { await record(failure, writer) }
                await writer.close()
                return try state(at: end, session)
            }
        }
    }

    /// Looks at the session, which the first save opens with the token that is given along; or opens it, with a new token for
    /// every try, where the store will not have it so.
    ///
    /// Nobody has run this job before, and so nobody is to be shut out before the first save.
    private func open(
        _ session: SessionID, for job: JobID, in checkpointer: any Checkpointer
    ) async throws -> (OpenedSession, opening: String?) {
        do throws(SaveFailure) {
            return try await Insistence(patience: patience, log: log).ask {
                () throws(CheckpointerError) in
                let owner = "engine:" + UUIDv7Source.shared.next()
                if let seen = try await checkpointer.look(at: session, for: job) { return (seen, owner) }
                return (try await checkpointer.open(session, for: job, as: owner), nil)
            }
        } catch {
            switch error {
            case .store(let sentence): throw FlowEngineError.store(sentence)
            case .fenced: throw FlowEngineError.fenced(session)
            case .cancelled: throw CancellationError()
            }
        }
    }

    /// Notes in the store that the run failed, for listings; the caller is told in any case.
    private func record(_ failure: RunFailure, _ writer: SessionWriter) async {
        do {
            try await writer.recordEnd(.dead, error: failure.description)
        } catch {
            log.warning("failure not recorded", ["reason": "\(error)"])
        }
    }

    private func state(at end: FlowRun<State>.End, _ session: SessionID?) throws -> State {
        switch end {
        case .finished(let held, _): return held.value
        case .done(let job): throw FlowEngineError.refused("job \(job.id) is done already")
        case .ended(let outcome):
            switch outcome {
            case .failed(let failure): throw FlowEngineError.failed(failure)
            case .fenced:
                guard let session else { throw CancellationError() }
                throw FlowEngineError.fenced(session)
            case .postponed(let sentence): throw FlowEngineError.newerVersion(sentence)
            case .refused(let sentence): throw FlowEngineError.refused(sentence)
            case .storeFailed(let sentence): throw FlowEngineError.store(sentence)
            case .cancelled, .stopped, .finished: throw CancellationError()
            }
        }
    }
}

package import PenstockJSON
package import PenstockModel

/// A flow that a worker can hold among others, whatever its state type.
public protocol RunnableFlow: Sendable {
    /// What runs it.
    var runner: FlowRunner { get }
}

extension Flow: RunnableFlow {
    /// What runs the flow in a worker.
    public var runner: FlowRunner { FlowRunner(self) }
}

/// Runs one flow, its state type forgotten.
public struct FlowRunner: Sendable {
    package let name: FlowName
    package let version: Int
    package let settings: FlowSettings
    /// All that is wrong with the flow; it must not run unless this is empty.
    package let faults: [FlowFault]
    /// What the flow is made of: name, version, nodes, edges, routes, reducers, settings.
    package let facts: JSONObject
    package let mermaid: String
    private let attempt: @Sendable (Attempt) async -> RunOutcome

    private struct Attempt: Sendable {
        let order: RunOrder
        let opened: OpenedSession
        let writer: SessionWriter
        let control: RunControl
        let log: Log
        let events: FlowEvents?
    }

    init<State>(_ flow: Flow<State>) {
        name = flow.name
        version = flow.version
        settings = flow.settings
        faults = flow.faults
        facts = flow.facts
        mermaid = flow.mermaid
        // Said for plain JSON by its name, the compiler writes out all of a run for it: generics looked up while it runs are a
        // good part of what a job costs.
        attempt =
            if let flow = flow as? Flow<JSONObject> {
                Self.attempt(by: FlowPlan(flow))
            } else {
                Self.attempt(by: FlowPlan(flow))
            }
    }

    private static func attempt<State>(
        by plan: FlowPlan<State>
    ) -> @Sendable (Attempt) async -> RunOutcome {
        { attempt in await run(attempt, by: plan) }
    }

    /// Runs an attempt at a job in a session that was opened for it, until END or something in the way.
    ///
    /// The log is given the fields `job`, `session`, `flow`; the events are told in order, from whatever task
    /// is running.
    package func run(
        _ order: RunOrder, in opened: OpenedSession, writer: SessionWriter,
        control: RunControl = RunControl(),
        log: Log = .silent, events: FlowEvents? = nil
    ) async -> RunOutcome {
        await attempt(
            Attempt(
                order: order, opened: opened, writer: writer, control: control, log: log, events: events))
    }

    /// A writer for a session that was opened, or looked at, for a job of this flow.
    package func writer(
        to store: any Checkpointer, opened: OpenedSession, opening: String? = nil, order: RunOrder,
        patience: Duration?, clock: WallClock = .system, log: Log = .silent
    ) -> SessionWriter {
        SessionWriter(
            to: store, opened: opened, opening: opening, order: order, flow: name, version: version,
            patience: patience, clock: clock, log: log)
    }

    private static func run<State>(_ attempt: Attempt, by plan: FlowPlan<State>) async -> RunOutcome {
        let order = attempt.order
        let log = attempt.log.with([
            "job": order.job.text, "session": order.session.text, "flow": plan.name.text,
        ])
        let end = await FlowRun(
            plan: plan, order: order, input: order.input.map { Update(partial: $0) },
            control: attempt.control,
            log: log, events: attempt.events
        ).run(in: attempt.opened, writer: attempt.writer)
        switch end {
        case .ended(let outcome):
            return outcome
        case .finished(let held, let result):
            do {
                return .finished(
                    result: try result
                        ?? resultBytes(of: plan.shape.encode(held), keys: plan.settings.resultKeys))
            } catch {
                return .storeFailed("the result cannot be read: \(sentence(of: error))")
            }
        case .done(let job):
            do throws(SaveFailure) {
                let result = try await attempt.writer.result(of: job)
                return .finished(result: result ?? Array("null".utf8))
            } catch {
                return RunOutcome(error)
            }
        }
    }
}

import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockQueue
import PenstockRedis
import Synchronization

/// Tells what happens in sessions to whoever watches: each session's events are a stream in Redis. Nobody waits for it to be told.
final class EventTeller: Sendable {
    /// Of a session the last so many events are kept …
    private static let mostEvents = 1000
    /// … for so many seconds after the last.
    private static let lifeSeconds = 3600

    private let mode: EventMode
    private let client: RedisClient
    private let keys: QueueKeys
    private let watched = Mutex<Set<String>>([])
    private let isAnyWatched = Atomic<Bool>(false)

    init(_ mode: EventMode, client: RedisClient, keys: QueueKeys) {
        self.mode = mode
        self.client = client
        self.keys = keys
    }

    /// The sessions that somebody watches now.
    func note(watched sessions: [String]) {
        isAnyWatched.store(!sessions.isEmpty, ordering: .relaxed)
        watched.withLock { $0 = Set(sessions) }
    }

    private func isWatched(_ session: String) -> Bool {
        switch mode {
        case .all: true
        case .off: false
        case .watched:
            isAnyWatched.load(ordering: .relaxed) && watched.withLock { $0.contains(session) }
        }
    }

    /// What takes the events of a run for a claim's job; `nil` where none are told.
    func events(of claim: Claim, flow: FlowName) -> FlowEvents? {
        guard mode != .off else { return nil }
        return FlowEvents(wantsStates: false, isWanted: { self.isWatched(claim.session) }) { event in
            self.tell(event.fields, claim, flow: flow.text)
        }
    }

    /// Tells how a claim ended.
    func tellEnd(of claim: Claim, as settlement: Settlement) {
        guard claim.kind == .job, isWatched(claim.session) else { return }
        tell(settlement.fields, claim, flow: nil)
    }

    private func tell(_ fields: [(String, String)], _ claim: Claim, flow: String?) {
        var arguments = RedisArguments("MAXLEN", "~", Self.mostEvents, "*")
        for (name, value) in fields + [("job", claim.id)] + (flow.map { [("flow", $0)] } ?? []) {
            arguments.append(name)
            arguments.append(value)
        }
        let key = keys.events(claim.session)
        _ = client.post(RedisCommand("XADD", key, arguments))
        _ = client.post(RedisCommand("EXPIRE", key, Self.lifeSeconds))
    }

    /// Notes in a job's record how far it is.
    func progress(of claim: Claim) -> @Sendable (Double, String?) -> Void {
        let pace = Mutex(ProgressPace())
        return { [client, keys] fraction, text in
            guard pace.withLock({ $0.isDue(fraction, at: .now) }) else { return }
            let note: JSON = ["fraction": JSON(fraction), "text": text.map { JSON($0) } ?? .null]
            _ = client.post(RedisCommand("HSET", keys.job(claim.id), "progress", note.text))
        }
    }
}

/// How often a job's progress is noted: as it begins and ends, and four times a second between.
struct ProgressPace {
    private static let interval: Duration = .milliseconds(250)
    private var last: ContinuousClock.Instant?

    /// Whether a progress is to be noted, which then is the last one.
    mutating func isDue(_ fraction: Double, at now: ContinuousClock.Instant) -> Bool {
        if let last, fraction < 1, now - last < Self.interval { return false }
        last = now
        return true
    }
}

/// Which sessions' events are told.
package enum EventMode: String, Sendable, CaseIterable {
    /// Those that somebody watches.
    case watched
    case all
    case off
}

extension FlowEvent {
    /// As they stand in a stream.
    fileprivate var fields: [(String, String)] {
        switch self {
        case .runStarted(let run, let next):
            [("event", "run_started"), ("run", run.text), ("next", next.text)]
        case .nodeStarted(let node, let step):
            [("event", "node_started"), ("node", node.text), ("step", "\(step)")]
        case .output(let node, let output):
            [("event", "output"), ("node", node.text), ("output", output.text)]
        case .progress(let node, let fraction, let text):
            [("event", "progress"), ("node", node.text), ("fraction", "\(fraction)")]
                + (text.map { [("text", $0)] } ?? [])
        case .nodeFailed(let node, let step, let error, let delay):
            [
                ("event", "node_failed"), ("node", node.text), ("step", "\(step)"), ("error", error),
                ("again_in_seconds", "\(delay.inSeconds)"),
            ]
        case .nodeCompleted(let node, let step, _):
            [("event", "node_completed"), ("node", node.text), ("step", "\(step)")]
        case .checkpointSaved(let id, let node, let step):
            [
                ("event", "checkpoint_saved"), ("node", node.text), ("step", "\(step)"),
                ("checkpoint_id", id.text),
            ]
        case .runEnded: [("event", "run_ended")]
        }
    }
}

extension Settlement {
    fileprivate var fields: [(String, String)] {
        switch self {
        case .done: [("event", "job_ended"), ("status", "done")]
        case .cancelled(let reason):
            [("event", "job_ended"), ("status", "cancelled"), ("error", reason)]
        case .bury(let burial):
            [("event", "job_ended"), ("status", "dead"), ("reason", burial.reason), ("error", burial.error)]
        case .retry(let delay, let error, let node):
            [
                ("event", "attempt_failed"), ("node", node), ("error", error),
                ("again_in_seconds", "\(delay.inSeconds)"),
            ]
        case .handBack, .await, .postpone: [("event", "handed_back")]
        }
    }
}

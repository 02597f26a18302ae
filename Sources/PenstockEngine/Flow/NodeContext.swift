public import PenstockJSON
public import PenstockModel
import Synchronization

/// What a node is told about where it runs, and how it speaks to the world.
public struct NodeContext: Sendable {
    /// The node.
    public let node: NodeName
    /// The step that its checkpoint will have.
    public let step: Int
    /// Which try of this node in this attempt, counted from 1.
    public let nodeAttempt: Int
    /// Which step of its run this is, counted from 1.
    let runStep: Int
    let facts: RunFacts
    let notes: Notes

    /// The flow.
    public var flow: FlowName { facts.flow }
    /// The session; `nil` when nothing is saved.
    public var session: SessionID? { facts.session }
    /// The job on whose behalf it runs.
    public var job: JobID { facts.job }
    /// The run: in most cases named by the job that entered at START.
    public var run: JobID { facts.run }
    /// Which attempt of the job, counted from 1.
    public var attempt: Int { facts.attempt }
    /// The producer's own words about the job.
    public var metadata: JSONObject { facts.metadata }
    /// The job's W3C trace context.
    public var traceparent: String? { facts.traceparent }

    /// The same on every try of this node in this run, whoever makes it, and never the same for two: hand it
    /// to whatever the node calls.
    public var idempotencyKey: String { "\(facts.run):\(runStep)" }

    /// Writes lines that say job, session, flow, node and step.
    public var log: Log { facts.log.with(["node": node.text, "step": "\(step)"]) }

    /// Adds to the metadata of this node's checkpoint.
    public func annotate(_ key: String, _ value: JSON) {
        notes.add(key, value)
    }

    /// Sends output to whoever watches the run, while it runs. It is not kept.
    public func emit(_ output: JSON) {
        facts.events?(.output(node: node, output))
    }

    /// Tells how far the node is, from 0 to 1, and what it is at: `penstock job show` and whoever watches the session see it.
    /// What comes faster than four times a second is told in part.
    public func progress(_ fraction: Double, _ text: String? = nil) {
        let fraction = min(1, max(0, fraction))
        facts.control.progress?(fraction, text)
        facts.events?(.progress(node: node, fraction, text: text))
    }
}

/// What does not change during an attempt at a run.
final class RunFacts: Sendable {
    let flow: FlowName
    let session: SessionID?
    let job: JobID
    let run: JobID
    let attempt: Int
    let metadata: JSONObject
    let traceparent: String?
    let control: RunControl
    let log: Log
    let events: FlowEvents?

    init(
        flow: FlowName, session: SessionID?, run: JobID, order: RunOrder, control: RunControl, log: Log,
        events: FlowEvents?
    ) {
        self.flow = flow
        self.session = session
        self.job = order.job
        self.run = run
        self.attempt = order.attempt
        self.metadata = order.metadata
        self.traceparent = order.traceparent
        self.control = control
        self.log = log
        self.events = events
    }
}

/// What a node notes for its checkpoint.
final class Notes: Sendable {
    private let noted = Mutex<JSONObject?>(nil)

    var all: JSONObject? { noted.withLock { $0 } }

    func add(_ key: String, _ value: JSON) {
        noted.withLock { noted in
            var object = noted ?? JSONObject()
            object[key] = value
            noted = object
        }
    }
}

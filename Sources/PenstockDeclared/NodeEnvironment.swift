import FoundationEssentials
import PenstockEngine
import PenstockModel

/// The environment of a node's program.
enum NodeEnvironment {
    /// The worker's own, without its settings, which hold secrets, and without what is said to the worker alone: by the
    /// service manager, and by whoever traced its start.
    static let inherited = ProcessInfo.processInfo.environment.filter { name, _ in
        !name.hasPrefix("PENSTOCK_") && !ofTheWorkerAlone.contains(name)
    }

    private static let ofTheWorkerAlone: Set = [
        "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "TRACEPARENT", "TRACESTATE",
    ]

    /// What a program that runs once is told about where it runs.
    static func variables(_ context: NodeContext) -> [String: String] {
        var variables = [
            "PENSTOCK_FLOW": context.flow.text, "PENSTOCK_NODE": context.node.text,
            "PENSTOCK_JOB_ID": context.job.text, "PENSTOCK_STEP": "\(context.step)",
            "PENSTOCK_ATTEMPT": "\(context.attempt)", "PENSTOCK_IDEMPOTENCY_KEY": context.idempotencyKey,
        ]
        variables["PENSTOCK_SESSION_ID"] = context.session?.text
        variables["TRACEPARENT"] = context.traceparent
        return variables
    }
}

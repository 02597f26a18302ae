import Penstock
import PenstockJSON
import PenstockModel
import PenstockQueue

extension Command {
    static let queueList = Command(
        name: "queue list",
        summary: "list the queues: what waits, what runs, who works",
        settings: [.redis],
        printsData: true,
        notes: "Parked and scheduled jobs stand in no queue until their turn or time has come."
    ) { invocation in
        let (queues, side) = try await invocation.withQueue { inspector in
            (try await inspector.queues(), try await inspector.jobsOutsideQueues())
        }
        var table = Table(["QUEUE", "WAITING#", "RUNNING#", "WORKERS#", "LIMITS"])
        for queue in queues {
            let standing = [queue.isPaused ? "paused" : "", queue.limits.text]
            table.add([
                queue.name, "\(queue.waiting)", "\(queue.processing)", "\(queue.workers)",
                standing.filter { !$0.isEmpty }.joined(separator: ", "),
            ])
        }
        var rest = Card()
        rest.add("parked", "\(side.parked) behind other jobs of \(side.parkedSessions) sessions")
        rest.add("held", side.held == 0 ? nil : "\(side.held) until fewer of their flow run or start")
        rest.add("scheduled", "\(side.scheduled)")
        rest.add("dead", "\(side.dead)")
        invocation.output.show(
            [
                "queues": .array(
                    queues.map {
                        [
                            "queue": JSON($0.name), "waiting": JSON($0.waiting),
                            "running": JSON($0.processing), "workers": JSON($0.workers),
                            "paused": JSON($0.isPaused), "limits": $0.limits.json,
                        ]
                    }),
                "parked": JSON(side.parked), "parked_sessions": JSON(side.parkedSessions),
                "held": JSON(side.held), "scheduled": JSON(side.scheduled), "dead": JSON(side.dead),
            ], (table.isEmpty ? "no queues\n" : table.text) + "\n" + rest.text)
        return .done
    }

    static let queuePause = Command(
        name: "queue pause",
        summary: "let no job be claimed from a queue",
        words: [Word(name: "QUEUE")],
        settings: [.redis],
        notes: "What runs goes on, and jobs may still be enqueued. It lasts until penstock queue resume."
    ) { invocation in try await invocation.turn("paused") { try await $0.pause(queue: $1) } }

    static let queueResume = Command(
        name: "queue resume",
        summary: "let jobs be claimed from a paused queue again",
        words: [Word(name: "QUEUE")],
        settings: [.redis],
        notes: "Workers notice within a second."
    ) { invocation in try await invocation.turn("not paused") { try await $0.resume(queue: $1) } }

    static let queueLimit = Command(
        name: "queue limit",
        summary: "show or set how many of a queue's jobs run at once, start a second, or wait",
        words: [Word(name: "QUEUE", isRequired: false)],
        flags: limitFlags + [
            Flag("waiting", .required("N|none"), "how many may wait: beyond it enqueue refuses")
        ],
        settings: [.redis],
        printsData: true,
        notes: """
            The limits hold over all workers, from now on; what runs already is not counted. A bare LPUSH knows nothing of
            --waiting. Without a QUEUE all limits of queues are listed.

              penstock queue limit mail --running 4 --per-second 10
            """
    ) { invocation in
        guard !invocation.word(0).isEmpty else { return try await invocation.listLimits(ofFlows: false) }
        let queue: QueueName = try invocation.identifier(0)
        return try await invocation.limit(.queue(queue))
    }

    static let flowLimit = Command(
        name: "flow limit",
        summary: "show or set how many of a flow's jobs run at once, or start a second",
        words: [Word(name: "FLOW", isRequired: false)],
        flags: limitFlags,
        settings: [.redis],
        printsData: true,
        notes: """
            The limits hold over all workers and queues, from now on; what runs already is not counted. Jobs beyond them
            step aside, each with its session's turn, and let other flows' jobs pass. Without a FLOW all limits of flows are
            listed.
            """
    ) { invocation in
        guard !invocation.word(0).isEmpty else { return try await invocation.listLimits(ofFlows: true) }
        let flow: FlowName = try invocation.identifier(0)
        return try await invocation.limit(.flow(flow))
    }

    private static let limitFlags = [
        Flag("running", .required("N|none"), "how many may run at once"),
        Flag("per-second", .required("N|none"), "how many may start a second, evenly"),
    ]

    static let queuePurge = Command(
        name: "queue purge",
        summary: "cancel all jobs that wait in a queue",
        words: [Word(name: "QUEUE")],
        flags: [Flag("yes", .none, "do it: there is no way back")],
        settings: [.redis],
        notes: "What is claimed, parked or scheduled goes on. Whoever waits for a cancelled job is told."
    ) { invocation in
        let queue: QueueName = try invocation.identifier(0)
        return try await invocation.withQueue { inspector in
            guard invocation.arguments.has("yes") else {
                let waiting = try await inspector.waiting(in: queue)
                throw Failure.misused(
                    "this would cancel the \(waiting) jobs that wait in \(queue)", "add --yes to do it")
            }
            let count = try await inspector.purge(queue)
            invocation.output.line("\(count) cancelled")
            return .done
        }
    }

    static let workerList = Command(
        name: "worker list",
        summary: "list the workers, and how long ago each gave a sign of life",
        settings: [.redis],
        printsData: true
    ) { invocation in
        let workers = try await invocation.withQueue { try await $0.workers() }
        var table = Table([
            "WORKER", "BEAT", "RUNNING#", "SLOTS#", "QUEUES", "FLOWS", "STORE", "SINCE", "VERSION",
        ])
        for worker in workers {
            table.add([
                worker.id, Ago.length(worker.beatAge) + " ago", "\(worker.processing)", "\(worker.slots)",
                worker.queues.joined(separator: ","), worker.flows.joined(separator: ",").cut(to: 40),
                (worker.store ?? "").cut(to: 60),
                Ago.text(worker.since), worker.version ?? "",
            ])
        }
        invocation.output.list(.array(workers.map { $0.json }), table, orElse: "no workers")
        return .done
    }
}

extension WorkerStanding {
    fileprivate var json: JSON {
        [
            "id": JSON(id), "host": JSON(orNull: host), "pid": JSON(orNull: pid),
            "version": JSON(orNull: version), "queues": .array(queues.map { JSON($0) }),
            "flows": .array(flows.map { JSON($0) }), "slots": JSON(slots), "running": JSON(processing),
            "store": JSON(orNull: store), "since": JSON(orNull: since),
            "beat_age_seconds": JSON(beatAge.inSeconds),
        ]
    }
}

extension Invocation {
    /// Pauses the queue, or has it go on, and says how it stands then.
    fileprivate func turn(
        _ state: String, _ change: (QueueInspector, QueueName) async throws -> Bool
    ) async throws -> ExitCode {
        let queue: QueueName = try identifier(0)
        return try await withQueue { inspector in
            let hasChanged = try await change(inspector, queue)
            output.line("\(queue) is \(hasChanged ? "" : "already ")\(state)")
            return .done
        }
    }

    /// Changes what the flags name, and shows the limits as they are then.
    fileprivate func limit(_ scope: LimitScope) async throws -> ExitCode {
        try await withQueue { inspector in
            var limits = try await inspector.limits(of: scope)
            let before = limits
            if let running = try countLimit("running") { limits.running = running }
            if let rate = try limit(
                "per-second", "a number from 0.001 to 1000000", Double.init,
                isValid: { (0.001...1e6).contains($0) })
            {
                limits.rate = rate
            }
            if let waiting = try countLimit("waiting") { limits.waiting = waiting }
            if limits != before { try await inspector.limit(scope, to: limits) }
            output.show(limits.json, limits.isNone ? "no limits\n" : limits.text + "\n")
            return .done
        }
    }

    /// Shows all limits that are set on flows, or on queues.
    fileprivate func listLimits(ofFlows: Bool) async throws -> ExitCode {
        let noun = ofFlows ? "flow" : "queue"
        guard ["running", "per-second", "waiting"].allSatisfy({ !arguments.has($0) }) else {
            throw Failure.misused("name the \(noun) whose limits are to change")
        }
        let all = try await withQueue { try await $0.limits(ofFlows: ofFlows) }
        var table = Table([noun.uppercased(), "LIMITS"])
        for one in all { table.add([one.name, one.limits.text]) }
        let json = JSON.array(
            all.map { [noun: JSON($0.name), "limits": $0.limits.json] })
        output.list(json, table, orElse: "no limits")
        return .done
    }

    private func countLimit(_ flag: String) throws(Failure) -> Int?? {
        try limit(flag, "a whole number from 1", Int.init, isValid: { $0 > 0 })
    }

    /// What a flag says: a number, none, or (an outer `nil`) nothing.
    private func limit<Number>(
        _ flag: String, _ expected: String, _ number: (String) -> Number?, isValid: (Number) -> Bool
    ) throws(Failure) -> Number?? {
        guard let text = arguments[flag] else { return nil }
        if text == "none" { return .some(nil) }
        guard let value = number(text), isValid(value) else {
            throw .misused("--\(flag) is \(expected), or none, not \"\(text)\"")
        }
        return value
    }
}

extension JobLimits {
    fileprivate var json: JSON {
        [
            "running": running.map { JSON($0) } ?? .null, "per_second": rate.map { JSON($0) } ?? .null,
            "waiting": waiting.map { JSON($0) } ?? .null,
        ]
    }

    fileprivate var text: String {
        [
            running.map { "at most \($0) run" }, rate.map { "at most \($0) start a second" },
            waiting.map { "at most \($0) wait" },
        ].compactMap(\.self).joined(separator: ", ")
    }
}

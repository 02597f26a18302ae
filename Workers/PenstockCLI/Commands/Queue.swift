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
            (try await inspector.queues(), try await inspector.side())
        }
        var table = Table(["QUEUE", "WAITING#", "RUNNING#", "WORKERS#"])
        for queue in queues {
            table.add([queue.name, "\(queue.waiting)", "\(queue.processing)", "\(queue.workers)"])
        }
        var rest = Card()
        rest.add("parked", "\(side.parked) behind other jobs of \(side.parkedSessions) sessions")
        rest.add("scheduled", "\(side.scheduled)")
        rest.add("dead", "\(side.dead)")
        invocation.output.show(
            [
                "queues": .array(
                    queues.map {
                        [
                            "queue": JSON($0.name), "waiting": JSON($0.waiting),
                            "running": JSON($0.processing), "workers": JSON($0.workers),
                        ]
                    }),
                "parked": JSON(side.parked), "parked_sessions": JSON(side.parkedSessions),
                "scheduled": JSON(side.scheduled), "dead": JSON(side.dead),
            ], (table.isEmpty ? "no queues\n" : table.text) + "\n" + rest.text)
        return .done
    }

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
        var table = Table(["WORKER", "BEAT", "RUNNING#", "SLOTS#", "QUEUES", "FLOWS", "SINCE", "VERSION"])
        for worker in workers {
            table.add([
                worker.id, Ago.length(worker.beatAge) + " ago", "\(worker.processing)", "\(worker.slots)",
                worker.queues.joined(separator: ","), worker.flows.joined(separator: ",").cut(to: 40),
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
            "since": JSON(orNull: since), "beat_age_seconds": JSON(beatAge.inSeconds),
        ]
    }
}

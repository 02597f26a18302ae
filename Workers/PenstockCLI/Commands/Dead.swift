import Penstock
import PenstockJSON
import PenstockModel
import PenstockQueue

extension Command {
    private static let reasonFlag = Flag(
        "reason", .required("REASON"), "only those buried for it: failed, crashed, refused …")
    private static let allFlag = Flag("all", .none, "all of them")

    static let deadList = Command(
        name: "dead list",
        summary: "list the buried jobs, newest first",
        flags: [reasonFlag, Flag("limit", .required("N"), "the most to list (default: 50)")],
        settings: [.redis],
        printsData: true
    ) { invocation in
        let limit = try invocation.count("limit", otherwise: 50)
        let dead = try await invocation.withQueue {
            try await $0.dead(for: invocation.arguments["reason"], limit: limit)
        }
        var table = Table(["DEAD", "BURIED", "REASON", "FLOW", "SESSION", "QUEUE", "ATTEMPTS#", "ERROR"])
        for one in dead {
            table.add([
                one.name, Ago.text(one.buried), one.reason, one.flow ?? "", one.session ?? "",
                one.queue ?? "", "\(one.attempts)", one.error.cut(to: 80),
            ])
        }
        invocation.output.list(.array(dead.map { $0.json }), table, orElse: "nobody is dead")
        return .done
    }

    static let deadShow = Command(
        name: "dead show",
        summary: "show a buried job: the reason, and the message as it came",
        words: [Word(name: "ID")],
        flags: [Flag("message", .none, "print the message alone, byte for byte")],
        settings: [.redis],
        printsData: true
    ) { invocation in
        let name = invocation.word(0)
        guard let dead = try await invocation.withQueue({ try await $0.dead(name) }) else {
            throw Failure.failed("\"\(name)\" is not among the dead", "penstock dead list")
        }
        if invocation.arguments.has("message") {
            invocation.output.write(dead.message)
        } else {
            invocation.output.show(dead.json, dead.card)
        }
        return .done
    }

    static let deadRetry = Command(
        name: "dead retry",
        summary: "send buried jobs again, with fresh counters",
        words: [Word(name: "ID", isRequired: false)],
        flags: [allFlag, reasonFlag],
        settings: [.redis],
        notes: """
            A job goes on where its session stands: nodes that were checkpointed are not run again.

              penstock dead retry 0198f1c2-...
              penstock dead retry --all --reason failed
            """
    ) { invocation in
        try await invocation.eachDead("sent again") { try await $0.exhume($1) }
    }

    static let deadRemove = Command(
        name: "dead remove",
        summary: "forget buried jobs, their messages included",
        words: [Word(name: "ID", isRequired: false)],
        flags: [allFlag, reasonFlag],
        settings: [.redis]
    ) { invocation in
        try await invocation.eachDead("forgotten") { try await $0.forget($1) }
    }
}

extension Invocation {
    /// Does something to the one that is named, or to all (for a reason).
    fileprivate func eachDead(
        _ done: String, _ act: (QueueInspector, String) async throws -> Bool
    ) async throws -> ExitCode {
        let reason = arguments["reason"]
        let named = arguments.words.first
        guard (named != nil) != (arguments.has("all") || reason != nil) else {
            throw Failure.misused("name one of the dead, or say --all or --reason REASON")
        }
        return try await withQueue { inspector in
            if let named {
                guard try await act(inspector, named) else {
                    throw Failure.failed("\"\(named)\" is not among the dead", "penstock dead list")
                }
                output.line("1 \(done)")
                return .done
            }
            var count = 0
            for name in try await inspector.deadNames(for: reason) {
                if try await act(inspector, name) { count += 1 }
            }
            output.line("\(count) \(done)")
            return .done
        }
    }
}

extension DeadJob {
    fileprivate var json: JSON {
        [
            "name": JSON(name), "id": JSON(orNull: job), "queue": JSON(orNull: queue),
            "session_id": JSON(orNull: session), "flow": JSON(orNull: flow), "reason": JSON(reason),
            "error": JSON(error), "node": JSON(orNull: node), "checkpoint_id": JSON(orNull: checkpoint),
            "attempts": JSON(attempts), "crashes": JSON(crashes), "buried_at": JSON(orNull: buried),
            "message": JSON(String(decoding: message, as: UTF8.self)),
        ]
    }

    fileprivate var card: String {
        var card = Card()
        card.add("dead", name)
        card.add("job", job == name ? nil : job)
        card.add("reason", reason)
        card.add("error", error)
        card.add("buried", Ago.both(buried))
        card.add("flow", flow)
        card.add("session", session)
        card.add("queue", queue)
        card.add("node", node)
        card.add("checkpoint", checkpoint)
        card.add("attempts", "\(attempts)")
        card.add("crashes", crashes == 0 ? nil : "\(crashes)")
        card.add("message", String(decoding: message, as: UTF8.self))
        return card.text
    }
}

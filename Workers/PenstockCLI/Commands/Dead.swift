import Penstock
import PenstockJSON
import PenstockModel
import PenstockQueue

extension Command {
    private static let filterFlags = [
        Flag("reason", .required("REASON"), "only those buried for it: \(Burial.reasons.alternatives)"),
        Flag("flow", .required("FLOW"), "only those of that flow"),
        Flag("queue", .required("QUEUE"), "only those of that queue"),
        Flag("session", .required("ID"), "only those of that session"),
        Flag("node", .required("NODE"), "only those whose error came from that node"),
        Flag("error", .required("TEXT"), "only those whose error has this in it"),
        Flag("buried-before", .required("TIME"), "only those buried before it, as 2026-01-02T03:04:05Z"),
    ]
    private static let allFlag = Flag("all", .none, "all of them")

    static let deadList = Command(
        name: "dead list",
        summary: "list the buried jobs, newest first",
        flags: filterFlags + [Flag("limit", .required("N"), "the most to list (default: 50)")],
        settings: [.redis],
        printsData: true
    ) { invocation in
        let limit = try invocation.listLimit()
        let filter = try invocation.deadFilter()
        let found = try await invocation.withQueue { try await $0.dead(filter, limit: limit + 1) }
        let dead = found.prefix(limit)
        var table = Table(["DEAD", "BURIED", "REASON", "FLOW", "SESSION", "QUEUE", "ATTEMPTS#", "ERROR"])
        for one in dead {
            table.add([
                one.name, Ago.text(one.buried), one.reason, one.flow ?? "", one.session ?? "",
                one.queue ?? "", "\(one.attempts)", one.error.cut(to: 80),
            ])
        }
        invocation.output.list(.array(dead.map { $0.json }), table, orElse: "nobody is dead")
        invocation.output.noteMore(found.count > limit, "--limit lists them")
        return .done
    }

    static let deadGroups = Command(
        name: "dead groups",
        summary: "count the buried jobs by what they died of",
        flags: filterFlags,
        settings: [.redis],
        printsData: true,
        notes: "Errors that differ only in words with digits (ids, numbers, times) are one group."
    ) { invocation in
        let filter = try invocation.deadFilter()
        let groups = try await invocation.withQueue { try await $0.deadGroups(filter) }
        var table = Table(["JOBS#", "REASON", "FLOW", "NODE", "NEWEST", "OLDEST", "FOR EXAMPLE", "ERROR"])
        for group in groups {
            table.add([
                "\(group.count)", group.reason, group.flow ?? "", group.node ?? "", Ago.text(group.newest),
                Ago.text(group.oldest), group.example, group.error.cut(to: 80),
            ])
        }
        invocation.output.list(.array(groups.map { $0.json }), table, orElse: "nobody is dead")
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
            invocation.output.show(dead.wholeJSON, dead.card)
        }
        return .done
    }

    static let deadRetry = Command(
        name: "dead retry",
        summary: "send buried jobs again, with fresh counters",
        words: [Word(name: "ID", isRequired: false)],
        flags: [allFlag] + filterFlags,
        settings: [.redis],
        notes: """
            A job goes on where its session stands: nodes that were checkpointed are not run again.

              penstock dead retry 0198f1c2-...
              penstock dead retry --reason failed --flow order
            """
    ) { invocation in
        try await invocation.eachDead("sent again") { inspector, name in
            switch try await inspector.exhume(name) {
            case .sent: return true
            case .unknown: return false
            case .duplicate(let holder):
                invocation.output.note(
                    "\(name) stays: job \(holder), which has not ended, has its unique key")
                return false
            }
        }
    }

    static let deadRemove = Command(
        name: "dead remove",
        summary: "forget buried jobs, their messages included",
        words: [Word(name: "ID", isRequired: false)],
        flags: [allFlag] + filterFlags,
        settings: [.redis]
    ) { invocation in
        try await invocation.eachDead("forgotten") { try await $0.forget($1) }
    }
}

extension Invocation {
    /// Which of the dead the flags mean.
    fileprivate func deadFilter() throws -> DeadFilter {
        var filter = DeadFilter()
        filter.reason = try arguments["reason"].map { text throws(Failure) in
            guard Burial.reasons.contains(text) else {
                throw .misused(
                    "--reason is \(Burial.reasons.alternatives), not \"\(text)\""
                        + Nearest.suggestion(for: text, among: Burial.reasons))
            }
            return text
        }
        filter.flow = arguments["flow"]
        filter.queue = arguments["queue"]
        filter.session = arguments["session"]
        filter.node = arguments["node"]
        filter.error = arguments["error"]
        filter.buriedBefore = try time("buried-before")
        return filter
    }

    /// Does something to the one that is named, or to all (for a reason).
    fileprivate func eachDead(
        _ done: String, _ act: (QueueInspector, String) async throws -> Bool
    ) async throws -> ExitCode {
        let filter = try deadFilter()
        let named = arguments.words.first
        guard (named != nil) != (arguments.has("all") || !filter.isEmpty) else {
            throw Failure.misused("name one of the dead, or say --all or which: --reason, --flow, --error …")
        }
        return try await withQueue { inspector in
            if let named {
                guard try await act(inspector, named) else {
                    if try await inspector.dead(named) != nil { return .failed }
                    throw Failure.failed("\"\(named)\" is not among the dead", "penstock dead list")
                }
                output.line("1 \(done)")
                return .done
            }
            var count = 0
            for job in try await inspector.dead(filter) {
                if try await act(inspector, job.name) { count += 1 }
            }
            output.line("\(count) \(done)")
            return .done
        }
    }
}

extension DeadGroup {
    fileprivate var json: JSON {
        [
            "jobs": JSON(count), "reason": JSON(reason), "flow": JSON(orNull: flow),
            "node": JSON(orNull: node), "error": JSON(error), "newest": JSON(orNull: newest),
            "oldest": JSON(orNull: oldest), "example": JSON(example),
        ]
    }
}

extension DeadJob {
    fileprivate var json: JSON {
        [
            "name": JSON(name), "id": JSON(orNull: job), "queue": JSON(orNull: queue),
            "session_id": JSON(orNull: session), "flow": JSON(orNull: flow), "reason": JSON(reason),
            "error": JSON(error), "node": JSON(orNull: node), "checkpoint_id": JSON(orNull: checkpoint),
            "attempts": JSON(attempts), "crashes": JSON(crashes), "buried_at": JSON(orNull: buried),
        ]
    }

    /// With the message as it came.
    fileprivate var wholeJSON: JSON {
        var object = json.object ?? JSONObject()
        object["message"] = JSON(String(decoding: message, as: UTF8.self))
        return .object(object)
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

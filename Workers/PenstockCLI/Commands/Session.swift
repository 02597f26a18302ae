import Penstock
import PenstockJSON
import PenstockModel

extension Command {
    static let sessionList = Command(
        name: "session list",
        summary: "list the sessions, in order of their ids",
        flags: [
            Flag("limit", .required("N"), "the most to list (default: 50)"),
            Flag("after", .required("ID"), "only those behind this one: the way to the next page"),
        ],
        settings: [.redis, .store],
        printsData: true
    ) { invocation in
        let limit = try invocation.listLimit()
        let after = try invocation.arguments["after"].map { try SessionID(checking: $0) }
        let found = try await invocation.withPresentStore {
            try await $0.sessions(limit: limit + 1, after: after)
        }
        let sessions = found.prefix(limit)
        var table = Table([
            "SESSION", "FLOW", "VERSION#", "STATUS", "HEAD#", "CHECKPOINTS#", "BYTES#", "UPDATED",
        ])
        for summary in sessions {
            let record = summary.record
            table.add([
                record.id.text, record.flow ?? "", record.version.map { "\($0)" } ?? "",
                record.status?.rawValue ?? "", "\(record.head)", "\(summary.checkpoints)",
                "\(summary.bytes)", Ago.text(record.updated),
            ])
        }
        invocation.output.list(.array(sessions.map { .object($0.json) }), table, orElse: "no sessions")
        invocation.output.noteMore(
            found.count > limit, "--after \(sessions.last?.record.id.text ?? "") lists the next")
        return .done
    }

    static let sessionShow = Command(
        name: "session show",
        summary: "show a session and its execution path",
        words: [Word(name: "ID")],
        settings: [.redis, .store],
        printsData: true,
        notes: "The path has the last \(longestPath) nodes; penstock session history has their states."
    ) { invocation in
        let id: SessionID = try invocation.identifier(0)
        return try await invocation.withPresentStore { store in
            guard let summary = try await store.session(id) else { throw Failure.noSession(id) }
            let path = try await executionPath(of: id, in: store)
            var json = summary.json
            json["path"] = .array(path.map { JSON($0) })
            invocation.output.show(.object(json), summary.card(path: path))
            return .done
        }
    }

    static let sessionHistory = Command(
        name: "session history",
        summary: "list the checkpoints of a session, newest first",
        words: [Word(name: "ID")],
        flags: [
            Flag("limit", .required("N"), "the most to list (default: 10)"),
            Flag("before", .required("STEP"), "only those with a lesser step: the way to the next page"),
        ],
        settings: [.redis, .store],
        printsData: true,
        notes: "The states are in the JSON."
    ) { invocation in
        let id: SessionID = try invocation.identifier(0)
        let limit = try invocation.count("limit", otherwise: 10)
        let step = invocation.arguments.has("before") ? try invocation.count("before", otherwise: 1) : nil
        return try await invocation.withPresentStore { store in
            let checkpoints = try await store.checkpoints(of: id, limit: limit, before: step)
            if checkpoints.isEmpty, try await !store.exists(id) { throw Failure.noSession(id) }
            var table = Table(["STEP#", "NODE", "NEXT", "WHEN", "EPOCH#", "JOB", "BYTES#", "CHECKPOINT"])
            for one in checkpoints {
                table.add([
                    "\(one.step)", one.node, one.shownNext,
                    Ago.text(one.timestamp), one.epoch.map { "\($0)" } ?? "", one.job?.text ?? "",
                    "\(one.state.count)", one.id.text,
                ])
            }
            invocation.output.show(.array(checkpoints.map { $0.json }), table.isEmpty ? "" : table.text)
            return .done
        }
    }

    static let sessionState = Command(
        name: "session state",
        summary: "print the state of a session as JSON",
        words: [Word(name: "ID")],
        flags: [Flag("step", .required("STEP"), "as it was after that step (default: the last)")],
        settings: [.redis, .store],
        printsData: true
    ) { invocation in
        let id: SessionID = try invocation.identifier(0)
        let step = invocation.arguments.has("step") ? try invocation.count("step", otherwise: 1) : nil
        return try await invocation.withPresentStore { store in
            let checkpoint: Checkpoint?
            if let step {
                checkpoint = try await store.checkpoints(of: id, limit: 1, before: step + 1).first
            } else {
                checkpoint = try await store.latest(of: id)
            }
            guard let checkpoint, step == nil || checkpoint.step == step else {
                guard try await store.exists(id) else { throw Failure.noSession(id) }
                throw Failure.failed(
                    "session \(id) has no checkpoint" + (step.map { " of step \($0)" } ?? ""))
            }
            invocation.output.json(JSON(stored: checkpoint.state))
            return .done
        }
    }

    static let sessionReset = Command(
        name: "session reset",
        summary: "forget a session's checkpoints; a job that runs in it starts over",
        words: [Word(name: "ID")],
        settings: [.redis, .store],
        notes: "Steps go on from where they were, so that no step is ever given twice."
    ) { invocation in
        let id: SessionID = try invocation.identifier(0)
        return try await invocation.withPresentStore { store in
            guard let summary = try await store.session(id) else { throw Failure.noSession(id) }
            try await store.reset(id)
            invocation.output.line("\(summary.checkpoints) checkpoints of session \(id) forgotten")
            return .done
        }
    }

    private static let longestPath = 1000

    /// The nodes that were run, oldest first.
    private static func executionPath(
        of session: SessionID, in store: any Checkpointer
    ) async throws -> [String] {
        var nodes: [String] = []
        var before: Int?
        while nodes.count < longestPath {
            let page = try await store.checkpoints(of: session, limit: 100, before: before)
            guard let last = page.last else { break }
            nodes += page.map(\.node)
            before = last.step
        }
        return nodes.prefix(longestPath).reversed()
    }
}

extension Failure {
    fileprivate static func noSession(_ id: SessionID) -> Failure {
        .failed("session \(id) is not known to this store", "penstock session list; is --store-url right?")
    }
}

extension SessionSummary {
    fileprivate var json: JSONObject {
        [
            "session_id": JSON(record.id.text), "flow": JSON(orNull: record.flow),
            "version": JSON(orNull: record.version), "status": JSON(orNull: record.status?.rawValue),
            "head": JSON(record.head), "epoch": JSON(record.epoch),
            "created_at": JSON(orNull: record.created),
            "updated_at": JSON(orNull: record.updated), "checkpoints": JSON(checkpoints),
            "bytes": JSON(bytes), "metadata": JSON(stored: metadata),
        ]
    }

    fileprivate func card(path: [String]) -> String {
        var card = Card()
        card.add("session", record.id.text)
        card.add("flow", record.flow.map { flow in record.version.map { "\(flow), version \($0)" } ?? flow })
        card.add("status", record.status?.rawValue)
        card.add("head", "\(record.head)")
        card.add("epoch", "\(record.epoch)")
        card.add("checkpoints", "\(checkpoints), \(bytes) bytes")
        card.add("created", Ago.both(record.created))
        card.add("updated", Ago.both(record.updated))
        card.add("metadata", metadata.map { JSON(stored: $0).text })
        card.add("path", path.joined(separator: " → "))
        return card.text
    }
}

extension Checkpoint {
    fileprivate var shownNext: String {
        (next ?? []).map { $0 == NodeName.end.text ? "END" : $0 }.joined(separator: ",")
    }

    fileprivate var json: JSON {
        [
            "checkpoint_id": JSON(id.text), "session_id": JSON(session.text),
            "timestamp": JSON(orNull: timestamp), "node_name": JSON(node), "step": JSON(step),
            "state": JSON(stored: state), "next": next.map { .array($0.map { JSON($0) }) } ?? .null,
            "epoch": epoch.map { JSON($0) } ?? .null, "job_id": JSON(orNull: job?.text),
            "run": JSON(orNull: run?.text), "metadata": JSON(stored: metadata),
        ]
    }
}

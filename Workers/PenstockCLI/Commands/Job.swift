import Penstock
import PenstockJSON
import PenstockModel
import PenstockQueue

extension Command {
    static let jobShow = Command(
        name: "job show",
        summary: "show how a job stands, with its result or its error",
        words: [Word(name: "ID")],
        settings: [.redis, .store],
        printsData: true,
        notes: "Looks into the store when the queue's record is gone (--result-seconds after the end)."
    ) { invocation in
        let id: JobID = try invocation.identifier(0)
        let (standing, heldBack) = try await invocation.withQueue { inspector in
            let job = try await inspector.job(id)
            let heldBack = if let job { try await inspector.heldBack(job) } else { nil as HeldBack? }
            return (job, heldBack)
        }
        if let job = standing {
            let result = try await invocation.result(of: job)
            var json = job.json(result: result).object ?? [:]
            json["held_back"] = JSON(orNull: heldBack?.rawValue)
            invocation.output.show(.object(json), job.card(result: result, heldBack: heldBack))
            return .done
        }
        let stored = try await invocation.storedJob(id)
        guard let (record, result) = stored else {
            throw Failure.failed(
                "job \(id) is not known",
                "of each queue the 100000 messages that are claimed next were looked through")
        }
        invocation.output.show(record.json(result: result), record.card(result: result))
        return .done
    }

    static let jobList = Command(
        name: "job list",
        summary: "list jobs",
        flags: [
            Flag("status", .required("STATUS"), "only those that are \(statusList)"),
            Flag("limit", .required("N"), "the most to list (default: 50)"),
        ],
        settings: [.redis],
        printsData: true,
        notes: """
            Jobs come in no order. Not listed is what was pushed without an id of its own and has not been claimed yet:
            penstock queue list counts it.
            """
    ) { invocation in
        let status = try invocation.arguments["status"].map { text throws(Failure) in
            guard let status = JobStanding.Status(rawValue: text) else {
                let words = JobStanding.Status.allCases.map(\.rawValue)
                throw .misused(
                    "--status is \(statusList), not \"\(text)\"" + Nearest.suggestion(for: text, among: words)
                )
            }
            return status
        }
        let limit = try invocation.listLimit()
        let found = try await invocation.withQueue { try await $0.jobs(status, limit: limit + 1) }
        let jobs = found.prefix(limit)
        var table = Table([
            "JOB", "STATUS", "FLOW", "SESSION", "QUEUE", "ATTEMPTS#", "CRASHES#", "CLAIMED", "ERROR",
        ])
        for job in jobs {
            table.add([
                job.id, job.statusText, job.flow ?? "", job.session ?? "", job.queue ?? "",
                "\(job.attempts)", "\(job.crashes)", Ago.text(job.claimed), (job.error ?? "").cut(to: 60),
            ])
        }
        invocation.output.list(.array(jobs.map { $0.json(result: nil) }), table, orElse: "no such jobs")
        invocation.output.noteMore(found.count > limit, "--limit lists them")
        return .done
    }

    static let jobRetry = Command(
        name: "job retry",
        summary: "send a buried job again, with fresh counters",
        words: [Word(name: "ID")],
        settings: [.redis],
        notes: "The same as penstock dead retry ID."
    ) { invocation in
        let id: JobID = try invocation.identifier(0)
        return try await invocation.withQueue { inspector in
            switch try await inspector.exhume(id.text) {
            case .sent:
                invocation.output.line("\(id)")
                return .done
            case .duplicate(let holder):
                throw Failure.failed("job \(holder), which has not ended, has the unique key of job \(id)")
            case .unknown: break
            }
            guard let job = try await inspector.job(id) else {
                throw Failure.failed("job \(id) is not known")
            }
            throw Failure.failed("job \(id) is not among the dead: it is \(job.statusText)")
        }
    }

    static let jobCancel = Command(
        name: "job cancel",
        summary: "cancel a job that has not ended",
        words: [Word(name: "ID")],
        settings: [.redis],
        printsData: true,
        notes: """
            A job that runs is stopped within a second; one that is scheduled ends at once; one that waits ends when its
            turn comes. What was checkpointed stays: the session goes on with its next job. A job that is not known yet
            ends when a worker claims it.
            """
    ) { invocation in
        let id: JobID = try invocation.identifier(0)
        return try await invocation.withQueue { inspector in
            let status = try await inspector.cancel(id)
            if let status, status.isEnd {
                throw Failure.failed("job \(id) has ended: it is \(status.rawValue)")
            }
            invocation.output.show(
                ["id": JSON(id.text), "status": JSON(orNull: status?.rawValue)],
                status.map { "\(id) is \($0.rawValue), and is to be cancelled\n" }
                    ?? "\(id) is not known yet: it is to be cancelled when a worker claims it\n")
            return .done
        }
    }

    private static let statusList = JobStanding.Status.allCases.map(\.rawValue).alternatives
}

extension Invocation {
    fileprivate func storedJob(_ id: JobID) async throws -> (JobRecord, JSON)? {
        if settings.storeAddress == .memory { return nil }
        return try await withStore { store in
            guard let record = try await store.job(id) else { return nil }
            return (record, JSON(stored: try await record.readResult(from: store)))
        }
    }
}

extension JobStanding {
    /// The job for programs; the result is left out where it was not asked for.
    func json(result: JSON?) -> JSON {
        var object: JSONObject = [
            "id": JSON(id), "flow": JSON(orNull: flow), "session_id": JSON(orNull: session),
            "status": JSON(statusText), "queue": JSON(orNull: queue), "attempts": JSON(attempts),
            "crashes": JSON(crashes), "interruptions": JSON(interruptions),
            "to_be_cancelled": JSON(isToBeCancelled),
        ]
        if let result { object["result"] = result }
        object.merge([
            "progress": progress.map { JSON(stored: $0) } ?? .null,
            "error": JSON(orNull: error), "node": JSON(orNull: node), "worker": JSON(orNull: worker),
            "created_at": JSON(orNull: created), "claimed_at": JSON(orNull: claimed),
            "ended_at": JSON(orNull: ended), "due_at": JSON(orNull: due),
        ])
        return .object(object)
    }

    private var progressText: String? {
        guard let progress = progress.map({ JSON(stored: $0) }), let fraction = progress["fraction"]?.double
        else { return nil }
        return ["\(Int((fraction * 100).rounded())) %", progress["text"]?.string].compactMap(\.self)
            .joined(separator: ", ")
    }

    func card(result: JSON, heldBack: HeldBack?) -> String {
        var card = Card()
        card.add("job", id)
        card.add("status", isToBeCancelled ? "\(statusText), to be cancelled" : statusText)
        card.add("held back", heldBack?.rawValue)
        card.add("flow", flow)
        card.add("session", session)
        card.add("queue", queue)
        card.add("attempts", "\(attempts)")
        card.add("crashes", crashes == 0 ? nil : "\(crashes)")
        card.add("interruptions", interruptions == 0 ? nil : "\(interruptions)")
        card.add("progress", progressText)
        card.add("worker", worker)
        card.add("created", Ago.both(created))
        card.add("claimed", Ago.both(claimed))
        card.add("due", Ago.both(due))
        card.add("ended", Ago.both(ended))
        card.add("node", node)
        card.add("error", error)
        card.add("result", result.isNull ? nil : result.text(pretty: true))
        return card.text
    }
}

extension JobRecord {
    fileprivate func json(result: JSON) -> JSON {
        [
            "id": JSON(id.text), "flow": JSON(flow), "session_id": JSON(session.text),
            "status": JSON(status.rawValue), "queue": .null, "attempts": JSON(attempts), "crashes": 0,
            "result": result, "error": JSON(orNull: error), "node": .null, "worker": JSON(worker),
            "created_at": JSON(orNull: created), "claimed_at": .null,
            "ended_at": status == .running ? .null : JSON(orNull: updated), "due_at": .null,
        ]
    }

    fileprivate func card(result: JSON) -> String {
        var card = Card()
        card.add("job", id.text)
        card.add("status", "\(status.rawValue) (from the store; the queue has forgotten it)")
        card.add("flow", flow)
        card.add("session", session.text)
        card.add("attempts", "\(attempts)")
        card.add("worker", worker)
        card.add("created", Ago.both(created))
        card.add("updated", Ago.both(updated))
        card.add("error", error)
        card.add("result", result.isNull ? nil : result.text(pretty: true))
        return card.text
    }
}

import Penstock
import PenstockJSON
import PenstockModel
import PenstockQueue

extension Command {
    static let cronAdd = Command(
        name: "cron add",
        summary: "make a job of a flow at every time that an expression names",
        words: [Word(name: "NAME"), Word(name: "EXPRESSION"), Word(name: "FLOW")],
        flags: [
            Flag("zone", .required("ZONE"), "the time zone, such as Europe/Berlin (default: UTC)"),
            Flag("session", .required("ID"), "the session to run in (default: one of each job's own)"),
            Flag("input", .required("JSON"), "a partial state: an object, @FILE, or - for standard input"),
            Flag("queue", .required("NAME"), "the queue (default: default)"),
            Flag("max-attempts", .required("N"), "attempts that may end in an error (default: 5)"),
            Flag("timeout-seconds", .required("SECONDS"), "the limit of one attempt (default: none)"),
            Flag("metadata", .required("JSON"), "an object of your own, handed to the nodes; @FILE or - too"),
            Flag(
                "catch-up", .required("none|last|all"),
                "which times that passed while no worker was there get a job (default: last)"),
            Flag("replace", .none, "change the entry of that name, if there is one"),
        ],
        settings: [.redis],
        printsData: true,
        notes: """
            An expression is minute, hour, day of the month, month and day of the week, as in crontab(5), or one of
            @hourly, @daily, @weekly, @monthly and @yearly. penstock cron next shows when it comes true.

              penstock cron add nightly '30 2 * * MON-FRI' report --zone Europe/Berlin --queue slow
              penstock cron add pulse '*/5 * * * *' check --input '{"deep":false}' --catch-up none
            """
    ) { invocation in
        let entry = try invocation.cronEntry()
        return try await invocation.withQueue { inspector in
            switch try await inspector.add(entry, replaces: invocation.arguments.has("replace")) {
            case .added, .changed, .unchanged: break
            case .kept:
                throw Failure.failed(
                    "there is a cron entry \(entry.name) already", "add --replace to change it")
            case .unreadable:
                throw Failure.misused(
                    "Redis' scripts cannot read the messages of this entry, so it was not added: half of a surrogate pair (\\ud800) "
                        + "is more than they take")
            }
            let standing = try await inspector.cron(entry.name)
            invocation.output.show(standing?.json ?? .null, standing?.card ?? "")
            return .done
        }
    }

    static let cronList = Command(
        name: "cron list",
        summary: "list the cron entries, and when each comes next",
        settings: [.redis],
        printsData: true
    ) { invocation in
        let entries = try await invocation.withQueue { try await $0.crons() }
        var table = Table(["CRON", "EXPRESSION", "ZONE", "FLOW", "QUEUE", "NEXT", "LAST", "FROM", "ERROR"])
        for standing in entries {
            let entry = try? standing.entry.get()
            table.add([
                standing.name, entry?.schedule.expression.description ?? "", entry?.schedule.zone.name ?? "",
                entry?.job.flow.text ?? "", entry?.queue.text ?? "",
                standing.isPaused ? "paused" : Ago.text(standing.next), Ago.text(standing.last),
                standing.origin, (standing.fault ?? "").cut(to: 60),
            ])
        }
        invocation.output.list(.array(entries.map { $0.json }), table, orElse: "no cron entries")
        return .done
    }

    static let cronShow = Command(
        name: "cron show",
        summary: "show a cron entry with all that its jobs get",
        words: [Word(name: "NAME")],
        settings: [.redis],
        printsData: true
    ) { invocation in
        let name: CronName = try invocation.identifier(0)
        let standing = try await invocation.withQueue { try await $0.knownCron(name) }
        invocation.output.show(standing.json, standing.card)
        return .done
    }

    static let cronRemove = Command(
        name: "cron remove",
        summary: "remove a cron entry; jobs that it made go on",
        words: [Word(name: "NAME")],
        settings: [.redis],
        notes: "One that the file of a worker names comes back when the next worker starts with that file."
    ) { invocation in
        let name: CronName = try invocation.identifier(0)
        return try await invocation.withQueue { inspector in
            guard try await inspector.remove(name) else { throw Failure.unknownCron(name) }
            invocation.output.line("\(name) removed")
            return .done
        }
    }

    static let cronPause = Command(
        name: "cron pause",
        summary: "let a cron entry rest, until it is resumed",
        words: [Word(name: "NAME")],
        settings: [.redis],
        notes: "Times that pass meanwhile are not caught up."
    ) { invocation in
        let name: CronName = try invocation.identifier(0)
        return try await invocation.withQueue { inspector in
            guard let paused = try await inspector.pause(name) else { throw Failure.unknownCron(name) }
            invocation.output.line(paused ? "\(name) paused" : "\(name) was paused already")
            return .done
        }
    }

    static let cronResume = Command(
        name: "cron resume",
        summary: "let a paused cron entry go on with its first time after now",
        words: [Word(name: "NAME")],
        settings: [.redis]
    ) { invocation in
        let name: CronName = try invocation.identifier(0)
        return try await invocation.withQueue { inspector in
            _ = try await inspector.knownCron(name).entry.get()
            guard let resumed = try await inspector.resume(name) else { throw Failure.unknownCron(name) }
            let next = Ago.text(try await inspector.cron(name)?.next)
            invocation.output.line(
                "\(name) \(resumed ? "resumed" : "was not paused")" + (next.isEmpty ? "" : "; next \(next)"))
            return .done
        }
    }

    static let cronRun = Command(
        name: "cron run",
        summary: "make a job of a cron entry now, beside its schedule; prints the job's id",
        words: [Word(name: "NAME")],
        settings: [.redis],
        printsData: true
    ) { invocation in
        let name: CronName = try invocation.identifier(0)
        return try await invocation.withQueue { inspector in
            let entry = try await inspector.knownCron(name).entry.get()
            let job = try entry.jobNow(maxBytes: invocation.settings.queue.maxMessageBytes)
            guard try await inspector.enqueue(job, to: entry.queue) == .new else {
                throw Failure.failed("the job \(job.id) was not enqueued")
            }
            invocation.output.show(
                ["id": JSON(job.id.text), "queue": JSON(entry.queue.text)], "\(job.id)\n")
            return .done
        }
    }
}

extension QueueInspector {
    /// The entry of that name, which has to be there.
    func knownCron(_ name: CronName) async throws -> CronStanding {
        guard let standing = try await cron(name) else { throw Failure.unknownCron(name) }
        return standing
    }
}

extension Failure {
    static func unknownCron(_ name: CronName) -> Failure {
        .failed("there is no cron entry \(name)", "penstock cron list")
    }
}

extension Invocation {
    fileprivate func cronEntry() throws -> CronEntry {
        guard !(arguments["input"] == "-" && arguments["metadata"] == "-") else {
            throw Failure.misused("--input and --metadata cannot both be read from standard input")
        }
        let name: CronName = try identifier(0)
        let zone = try arguments["zone"].map { try CronZone($0) } ?? .utc
        let schedule = CronSchedule(try CronExpression(word(1)), in: zone)
        var job = Job(try identifier(2))
        job.session = try arguments["session"].map { try SessionID(checking: $0) }
        job.input = try object("input")
        job.maxAttempts = arguments["max-attempts"] == nil ? nil : try count("max-attempts", otherwise: 1)
        job.timeoutSeconds = try number("timeout-seconds")
        job.metadata = try object("metadata")
        return try CronEntry(
            name, schedule, job, queue: try QueueName(checking: arguments["queue"] ?? "default"),
            catchUp: try arguments["catch-up"].map { try CronEntry.CatchUp(checking: $0) } ?? .standard,
            maxMessageBytes: settings.queue.maxMessageBytes)
    }
}

extension CronStanding {
    /// Why it cannot fire, here or where a worker tried.
    fileprivate var fault: String? {
        if case .failure(let fault) = entry { return fault.description }
        return error
    }

    fileprivate var json: JSON {
        var object: JSONObject = ["name": JSON(name)]
        if case .success(let entry) = entry { object.merge(entry.json) }
        object.merge([
            "origin": JSON(origin), "paused": JSON(isPaused), "next_at": JSON(orNull: next),
            "last_at": JSON(orNull: last), "last_job": JSON(orNull: lastJob), "error": JSON(orNull: fault),
        ])
        return .object(object)
    }

    fileprivate var card: String {
        var card = Card()
        card.add("cron", name)
        if case .success(let entry) = entry {
            card.add("expression", entry.schedule.expression.description)
            card.add("zone", entry.schedule.zone.name)
            card.add("flow", entry.job.flow.text)
            card.add("queue", entry.queue.text)
            card.add("session", entry.job.session?.text)
            card.add("input", entry.job.input.map { JSON($0).text })
            card.add("max attempts", entry.job.maxAttempts.map { "\($0)" })
            card.add("timeout", entry.job.timeoutSeconds.map { "\($0) s" })
            card.add("metadata", entry.job.metadata.map { JSON($0).text })
            card.add("catch up", entry.catchUp.rawValue)
        }
        card.add("from", origin)
        card.add("next", isPaused ? "paused" : Ago.both(next))
        card.add("last", Ago.both(last))
        card.add("last job", lastJob)
        card.add("error", fault)
        return card.text
    }
}

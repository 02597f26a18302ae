package import PenstockJSON
package import PenstockModel

/// A job that is to be made at every time of a schedule.
package struct CronEntry: Sendable {
    package let name: CronName
    package let schedule: CronSchedule
    package let queue: QueueName
    package let catchUp: CatchUp
    /// What each of its jobs is, but for the id.
    package let job: Job

    /// What becomes of occurrences that passed while no worker was there to see them.
    package enum CatchUp: String, Sendable, CaseIterable {
        /// They are skipped.
        case none
        /// A job is made for the latest.
        case last
        /// A job is made for each, up to ``CronPlan/mostCaughtUp``.
        case all

        package static let standard = CatchUp.last
    }

    /// - Throws: ``CronFault`` when no worker would take its jobs.
    package init(
        _ name: CronName, _ schedule: CronSchedule, _ job: Job, queue: QueueName = "default",
        catchUp: CatchUp = .standard, maxMessageBytes: Int = JobMessage.defaultMaxBytes
    ) throws(CronFault) {
        self.name = name
        self.schedule = schedule
        self.queue = queue
        self.catchUp = catchUp
        var job = job
        job.id = nil
        self.job = job
        _ = try sample(maxBytes: maxMessageBytes)
    }

    /// The job of an occurrence, whoever makes it.
    package func job(at occurrence: Timestamp, maxBytes: Int) throws(CronFault) -> CheckedJob {
        try checked("cron:\(name):\(occurrence.idText)", maxBytes)
    }

    /// A job beside the schedule.
    package func jobNow(maxBytes: Int) throws(CronFault) -> CheckedJob {
        try checked("cron:\(name):\(UUIDv7Source.shared.next())", maxBytes)
    }

    /// A job that is never made.
    func sample(maxBytes: Int) throws(CronFault) -> CheckedJob {
        try job(at: Timestamp(microseconds: 0), maxBytes: maxBytes)
    }

    private func checked(_ id: String, _ maxBytes: Int) throws(CronFault) -> CheckedJob {
        var job = job
        job.id = JobID(unchecked: id)
        do {
            return try CheckedJob(job, maxBytes: maxBytes)
        } catch {
            throw CronFault(error.description)
        }
    }
}

extension CronEntry {
    private static let ownKeys = ["cron", "zone", "queue", "catch_up"]
    private static let jobKeys = [
        "flow", "session_id", "input", "max_attempts", "timeout_seconds", "metadata",
    ]

    /// Reads an entry as it stands in a file, and in Redis.
    package init(_ name: CronName, reading object: JSONObject, maxMessageBytes: Int) throws(CronFault) {
        let known = Self.ownKeys + Self.jobKeys
        for key in object.keys where !known.contains(key) {
            throw CronFault(
                "the key \"\(key.prefix(60))\" is unknown" + Nearest.suggestion(for: key, among: known))
        }
        guard let expression = try Self.text("cron", of: object) else {
            throw CronFault("there is no \"cron\": when to make a job, such as \"30 2 * * MON-FRI\"")
        }
        let zone = try Self.text("zone", of: object).map { text throws(CronFault) in try CronZone(text) }
        let schedule = CronSchedule(try CronExpression(expression), in: zone ?? .utc)
        let catchUp = try Self.text("catch_up", of: object).map { text throws(CronFault) in
            try CatchUp(checking: text)
        }
        let fields = MessageFields(object)
        do {
            guard let flow: FlowName = try fields.identifier("flow") else {
                throw MessageFault.refused("there is no \"flow\": which flow to run")
            }
            var job = Job(flow)
            job.session = try fields.identifier("session_id")
            job.input = try fields.object("input", orNull: true)
            job.maxAttempts = try fields.integer("max_attempts", atLeast: 1)
            job.timeoutSeconds = try fields.seconds("timeout_seconds")?.inSeconds
            job.metadata = try fields.object("metadata", orNull: false)
            try self.init(
                name, schedule, job, queue: try fields.identifier("queue") ?? "default",
                catchUp: catchUp ?? .standard, maxMessageBytes: maxMessageBytes)
        } catch let fault as MessageFault {
            throw CronFault(fault.description)
        } catch let fault as CronFault {
            throw fault
        } catch {
            throw CronFault("\(error)")
        }
    }

    private static func text(_ key: String, of object: JSONObject) throws(CronFault) -> String? {
        guard let value = object[key] else { return nil }
        guard let text = value.string else { throw CronFault("\"\(key)\" is a string, not \(value.kind)") }
        return text
    }

    /// The entry as a file would have it.
    package var json: JSONObject {
        var object: JSONObject = [
            "cron": JSON(schedule.expression.description), "zone": JSON(schedule.zone.name),
            "queue": JSON(queue.text), "catch_up": JSON(catchUp.rawValue),
        ]
        object.merge(job.json)
        return object
    }
}

extension CronEntry.CatchUp {
    package init(checking text: String) throws(CronFault) {
        guard let policy = Self(rawValue: text) else {
            let words = Self.allCases.map(\.rawValue)
            throw CronFault(
                "what is caught up is none, last or all, not \"\(text.prefix(60))\""
                    + Nearest.suggestion(for: text, among: words))
        }
        self = policy
    }
}

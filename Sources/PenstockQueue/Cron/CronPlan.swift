import PenstockJSON
package import PenstockModel

/// An entry whose next occurrence has come, as it stands in Redis.
package struct DueCron: Sendable {
    package let name: String
    /// Raised by every change of the entry, but not by its occurrences.
    package let revision: String
    /// The next occurrence, in milliseconds since 1970.
    package let next: Int64
    let definition: [UInt8]
}

/// What is to be done about an entry that is due.
package struct CronPlan: Sendable {
    /// One move of the entry from an occurrence to its next, made by one script.
    package struct Step: Sendable {
        /// The next occurrence as it is stored, in milliseconds since 1970: another one means that another worker has made the step.
        let stored: Int64
        package let next: Int64
        /// The occurrence that a job is made for, if one is.
        package let occurrence: Timestamp?
        package let job: CheckedJob?
        let queue: QueueName
    }

    package let steps: [Step]
    /// The first of the occurrences for which no job is made, if there are any.
    package let skipped: Timestamp?

    /// The most occurrences for which jobs are made at once, the latest.
    package static let mostCaughtUp = 100
    /// An occurrence that is seen no later was not missed: workers need that long to see that one of them has died, and more.
    package static let punctuality: Duration = .seconds(60)

    /// - Throws: ``CronFault`` when the entry cannot be read, or its zone is not known here.
    package init(_ due: DueCron, now: Timestamp, maxMessageBytes: Int) throws(CronFault) {
        let entry = try CronEntry(stored: due, maxMessageBytes: maxMessageBytes)
        let first = Timestamp(microseconds: due.next * 1000)
        guard first <= now else {
            // It stands where a clock put it that was ahead, if it could come sooner.
            let next = entry.schedule.next(after: now).milliseconds
            skipped = nil
            steps =
                next < due.next
                ? [Step(stored: due.next, next: next, occurrence: nil, job: nil, queue: entry.queue)] : []
            return
        }
        var occurrences = entry.schedule.occurrences(
            from: first, until: now, last: entry.catchUp == .all ? Self.mostCaughtUp : 1)
        if entry.catchUp == .none, let last = occurrences.last, last.advanced(by: Self.punctuality) < now {
            occurrences = []
        }
        skipped = occurrences.first == first ? nil : first
        let next = entry.schedule.next(after: now).milliseconds
        if occurrences.isEmpty {
            steps = [Step(stored: due.next, next: next, occurrence: nil, job: nil, queue: entry.queue)]
            return
        }
        var steps: [Step] = []
        for (index, occurrence) in occurrences.enumerated() {
            steps.append(
                Step(
                    stored: index == 0 ? due.next : occurrence.milliseconds,
                    next: index + 1 < occurrences.count ? occurrences[index + 1].milliseconds : next,
                    occurrence: occurrence,
                    job: try entry.job(at: occurrence, maxBytes: maxMessageBytes), queue: entry.queue))
        }
        self.steps = steps
    }
}

extension CronEntry {
    fileprivate init(stored due: DueCron, maxMessageBytes: Int) throws(CronFault) {
        try self.init(named: due.name, definition: due.definition, maxMessageBytes: maxMessageBytes)
    }

    /// Reads an entry as it is stored.
    init(named name: String, definition: [UInt8], maxMessageBytes: Int) throws(CronFault) {
        let json: JSON
        do throws(JSONError) {
            json = try JSON(parsing: definition, limits: .message(bytes: CronFile.maxBytes))
        } catch {
            throw CronFault("the entry in Redis is no JSON: \(error)")
        }
        guard let object = json.object else {
            throw CronFault("the entry in Redis is a JSON object, not \(json.kind)")
        }
        try self.init(CronName(unchecked: name), reading: object, maxMessageBytes: maxMessageBytes)
    }
}

extension Timestamp {
    var milliseconds: Int64 { microseconds.flooredDivision(by: 1000).quotient }
}

import PenstockJSON
import PenstockModel
import PenstockRedis

/// What came of adding an entry.
package enum CronAdded: String, Sendable {
    case added
    /// There was another one of that name.
    case changed
    case unchanged
    /// There is one of that name that was not to be changed.
    case kept
    /// Redis' scripts would not find their way in the messages of its jobs: nothing was added.
    case unreadable
}

// What administrators ask about cron entries.
extension QueueInspector {
    /// The entries, in order of their names.
    package func crons() async throws(QueueError) -> [CronStanding] {
        let reply = try await ask(RedisCommand("ZRANGE", keys.cron, 0, -1))
        let names = (reply.asArray ?? []).compactMap(\.asString).sorted()
        let records = try await askAll(names.map { RedisCommand("HGETALL", keys.cron($0)) })
        return zip(names, records).compactMap { name, reply in
            QueueRecord(reply).map {
                CronStanding(name: name, $0, maxMessageBytes: settings.maxMessageBytes)
            }
        }
    }

    package func cron(_ name: CronName) async throws(QueueError) -> CronStanding? {
        let reply = try await ask(RedisCommand("HGETALL", keys.cron(name.text)))
        return QueueRecord(reply).map {
            CronStanding(name: name.text, $0, maxMessageBytes: settings.maxMessageBytes)
        }
    }

    /// Adds an entry, due at its first occurrence after now. With `replaces` it may change one of that name, wherever that came from.
    package func add(_ entry: CronEntry, replaces: Bool) async throws(QueueError) -> CronAdded {
        try await put(entry, from: CronStanding.byCommand, over: replaces ? "all" : "none")
    }

    private func put(
        _ entry: CronEntry, from origin: String, over replaced: String
    ) async throws(QueueError) -> CronAdded {
        let next = entry.schedule.next(after: try await serverTime()).milliseconds
        let sample: CheckedJob
        do {
            sample = try entry.sample(maxBytes: .max)
        } catch {
            throw .refused(message: error.description)
        }
        let reply = try await run(
            QueueScripts.cronPut, on: keys.cron,
            RedisArguments(
                keys.prefix, entry.name.text, JSON(entry.json).bytes,
                "\(entry.schedule.expression) \(entry.schedule.zone.name)", next, origin, replaced,
                sample.bytes))
        guard let added = reply.asString.flatMap(CronAdded.init(rawValue:)) else {
            throw .unexpected(reply: "cron_put: \(reply)")
        }
        return added
    }

    /// Forgets an entry; jobs that it made go on.
    ///
    /// - Returns: Whether there was one.
    package func remove(_ name: CronName) async throws(QueueError) -> Bool {
        try await remove(name.text, from: "")
    }

    private func remove(_ name: String, from origin: String) async throws(QueueError) -> Bool {
        try await run(QueueScripts.cronRemove, on: keys.cron, RedisArguments(keys.prefix, name, origin)).asInt
            == 1
    }

    /// Lets an entry rest; occurrences that pass meanwhile are not caught up.
    ///
    /// - Returns: Whether it was not paused before; `nil` if there is none.
    package func pause(_ name: CronName) async throws(QueueError) -> Bool? {
        try await pause(name, until: nil)
    }

    /// Lets an entry go on with its first occurrence after now.
    ///
    /// - Returns: Whether it was paused before; `nil` if there is none.
    /// - Throws: ``QueueError/refused(message:)`` also when it cannot be read here.
    package func resume(_ name: CronName) async throws(QueueError) -> Bool? {
        while let standing = try await cron(name) {
            let entry: CronEntry
            do {
                entry = try standing.entry.get()
            } catch {
                throw .refused(message: error.description)
            }
            let next = entry.schedule.next(after: try await serverTime())
            // Somebody may have changed it since it was read: then its next occurrence is another.
            if let resumed = try await pause(name, until: (next, standing.revision)) { return resumed }
        }
        return nil
    }

    private func pause(
        _ name: CronName, until next: (occurrence: Timestamp, revision: String)?
    ) async throws(QueueError) -> Bool? {
        let reply = try await run(
            QueueScripts.cronPause, on: keys.cron,
            RedisArguments(
                keys.prefix, name.text, next.map { "\($0.occurrence.milliseconds)" } ?? "",
                next?.revision ?? ""))
        return reply.asInt.map { $0 == 1 }
    }

    /// Makes the entries of a file what the file says: adds and changes those that it names, and removes those that it named before.
    ///
    /// Those that were added by command are left alone. It may be done any number of times, by any number of workers.
    package func apply(_ file: CronFile) async throws(QueueError) -> CronFileOutcome {
        var outcome = CronFileOutcome()
        let origin = CronStanding.byFile(file.path)
        for entry in file.entries {
            switch try await put(entry, from: origin, over: "files") {
            case .added: outcome.added.append(entry.name.text)
            case .changed: outcome.changed.append(entry.name.text)
            case .unchanged: break
            case .kept, .unreadable: outcome.leftOut.append(entry.name.text)
            }
        }
        let named = Set(file.entries.map(\.name.text))
        for standing in try await crons() where standing.origin == origin && !named.contains(standing.name) {
            if try await remove(standing.name, from: origin) { outcome.removed.append(standing.name) }
        }
        return outcome
    }
}

/// What a file has changed, by the entries' names.
package struct CronFileOutcome: Hashable, Sendable {
    package var added: [String] = []
    package var changed: [String] = []
    package var removed: [String] = []
    /// Not applied: an entry of that name was added by command, or Redis' scripts cannot read the messages.
    package var leftOut: [String] = []

    package init() {}
}

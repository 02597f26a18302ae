import Penstock
import PenstockJSON
import PenstockModel
import PenstockQueue
import PenstockRedis

extension Command {
    static let sessionWatch = Command(
        name: "session watch",
        summary: "show what happens in a session, as it happens",
        words: [Word(name: "ID")],
        flags: [
            Flag("until-end", .none, "leave when a job of the session ends; with 1 unless it is done")
        ],
        settings: [.redis],
        printsData: true,
        notes: """
            Workers tell of a session from a second after somebody begins to watch it (or of all, with --events all), and keep
            its last 1000 events for an hour, as a Redis stream. Ctrl-C leaves. With --json each event is an object on a line.
            """
    ) { invocation in
        let session: SessionID = try invocation.identifier(0)
        return try await invocation.withQueue { inspector in
            let connection = RedisConnection(
                invocation.settings.redis, settings: RedisSettings(clientName: "penstock-cli-watch"))
            let code = try await invocation.watch(session, asking: inspector, over: connection)
            await connection.close()
            return code
        }
    }
}

extension Invocation {
    private static let patience: Duration = .seconds(5)

    fileprivate func watch(
        _ session: SessionID, asking inspector: QueueInspector, over connection: RedisConnection
    ) async throws -> ExitCode {
        var place = try await inspector.lastEvent(of: session)
        while true {
            try await inspector.watch(session, for: Self.patience * 3)
            let events = try await inspector.events(
                of: session, after: place, over: connection, within: Self.patience)
            for event in events {
                place = event.id
                output.line(output.isJSON ? event.json.text : event.text)
                if arguments.has("until-end"), event["event"] == "job_ended" {
                    return event["status"] == "done" ? .done : .failed
                }
            }
        }
    }
}

extension SessionEvent {
    fileprivate var json: JSON {
        var object: JSONObject = ["id": JSON(id), "at": JSON(orNull: time)]
        for (name, value) in fields {
            object[name] = Self.numbers.contains(name) ? value.number ?? JSON(value) : JSON(value)
        }
        if let output = self["output"] { object["output"] = JSON(stored: Array(output.utf8)) }
        return .object(object)
    }

    private static let numbers = ["step", "fraction", "again_in_seconds"]

    fileprivate var text: String {
        let clock = time?.description.dropFirst(11).prefix(12) ?? ""
        let rest = fields.filter { $0.name != "event" }.map { "\($0.name)=\($0.value.oneLine)" }
        return "\(clock)  \(self["event"] ?? "?")  " + rest.joined(separator: " ")
    }
}

extension String {
    fileprivate var number: JSON? { Int(self).map { JSON($0) } ?? Double(self).map { JSON($0) } }
}

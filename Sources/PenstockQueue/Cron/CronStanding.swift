package import PenstockModel

/// How a cron entry stands.
package struct CronStanding: Sendable {
    package let name: String
    /// Where it comes from: ``byCommand``, or `file:` and the file's path.
    package let origin: String
    package let isPaused: Bool
    package let next: Timestamp?
    /// The last occurrence that a job was made for.
    package let last: Timestamp?
    package let lastJob: String?
    /// Why the workers cannot deal with it.
    package let error: String?
    let revision: String
    /// The entry, or why it cannot be read here.
    package let entry: Result<CronEntry, CronFault>

    package static let byCommand = "command"
    static func byFile(_ path: String) -> String { "file:" + path }

    init(name: String, _ record: QueueRecord, maxMessageBytes: Int) {
        self.name = name
        origin = record.text("origin") ?? ""
        isPaused = record.text("paused") == "1"
        next = isPaused ? nil : record.time("next")
        last = record.time("last")
        lastJob = record.text("last_job")
        error = record.text("error")
        revision = record.text("revision") ?? ""
        entry = Result { () throws(CronFault) in
            try CronEntry(
                named: name, definition: record.bytes("definition") ?? [], maxMessageBytes: maxMessageBytes)
        }
    }
}

import PenstockJSON
import PenstockModel

/// The cron entries that a file names: one JSON object, entries by their names.
///
/// ```json
/// {"nightly": {"cron": "30 2 * * MON-FRI", "zone": "Europe/Berlin", "flow": "report"}}
/// ```
package struct CronFile: Sendable {
    /// What tells the file's entries from others'.
    package let path: String
    package let entries: [CronEntry]

    package static let maxBytes = 16 << 20

    /// - Throws: ``CronFileError`` with all that is wrong with it.
    package init(_ bytes: [UInt8], at path: String, maxMessageBytes: Int) throws(CronFileError) {
        let json: JSON
        do throws(JSONError) {
            json = try JSON(parsing: bytes, limits: .message(bytes: Self.maxBytes))
        } catch {
            throw CronFileError(faults: ["\(path) is no JSON: \(error)"])
        }
        guard let object = json.object else {
            throw CronFileError(faults: ["\(path) has to hold one JSON object, not \(json.kind)"])
        }
        var entries: [CronEntry] = []
        var faults: [String] = []
        for (name, value) in object {
            do {
                let name = try CronName(checking: name)
                guard let fields = value.object else {
                    throw CronFault("an entry is a JSON object, not \(value.kind)")
                }
                entries.append(try CronEntry(name, reading: fields, maxMessageBytes: maxMessageBytes))
            } catch {
                faults.append("\(path): \"\(name.prefix(60))\": \(error)")
            }
        }
        guard faults.isEmpty else { throw CronFileError(faults: faults) }
        self.path = path
        self.entries = entries
    }
}

/// Why a file with cron entries cannot be used: everything that is wrong with it.
package struct CronFileError: Error, Hashable, Sendable, CustomStringConvertible {
    package let faults: [String]

    package init(faults: [String]) {
        self.faults = faults
    }

    package var description: String { faults.joined(separator: "\n") }
}

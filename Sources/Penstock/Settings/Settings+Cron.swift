import FoundationEssentials
import PenstockPlatform
package import PenstockQueue

extension Settings {
    /// The entries of the file that the settings name; `nil` where they name none.
    package func cronFile() throws(CronFileError) -> CronFile? {
        guard let cron else { return nil }
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try FileContents.read(cron, limit: CronFile.maxBytes)
        } catch {
            throw CronFileError(faults: ["\(cron) cannot be read: \(error)"])
        }
        // Entries are told apart by where they come from: two services have each a cron.json.
        let path = URL(filePath: cron).standardizedFileURL.path()
        return try CronFile(bytes, at: path, maxMessageBytes: queue.maxMessageBytes)
    }
}

import FoundationEssentials
import PenstockPlatform

extension Settings {
    /// Reads the settings of this process: its environment, and the file that it names.
    package init(flags: [String: String]) throws(SettingsError) {
        try self.init(flags: flags, environment: ProcessInfo.processInfo.environment) {
            path throws(SettingFileError) in
            do throws(FileError) {
                return try FileContents.read(path, limit: 1 << 20)
            } catch {
                throw SettingFileError(error.description)
            }
        }
    }
}

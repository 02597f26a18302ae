package import PenstockModel
import PenstockPlatform

extension Settings {
    /// A log on standard error, as the settings have it.
    package var log: Log {
        let format: LogSink.Format
        switch logForm {
        case .auto: format = StandardStream.error.isTerminal ? .text : .json
        case .text: format = .text
        case .json: format = .json
        }
        return Log(
            to: LogSink(level: logLevel, format: format) { line in
                // Nobody is left to be told that nobody reads the log.
                StandardStream.error.write(Array(line.utf8))
            })
    }
}

/// Writes one line an event, with the fields that say what it is about.
///
/// ```swift
/// let log = context.log
/// log.info("charged", ["cents": "\(order.cents)"])
/// ```
public struct Log: Sendable {
    /// How much an event matters.
    public enum Level: String, Sendable, CaseIterable, Comparable {
        /// For whoever looks for a fault.
        case debug
        /// What happened, as planned.
        case info
        /// What happened, not as planned; the work goes on.
        case warning
        /// What somebody has to see to.
        case error

        /// Orders by weight.
        public static func < (left: Level, right: Level) -> Bool { left.weight < right.weight }

        private var weight: Int {
            switch self {
            case .debug: 0
            case .info: 1
            case .warning: 2
            case .error: 3
            }
        }
    }

    private let sink: LogSink
    private let scope: LogScope?

    package init(to sink: LogSink) {
        self.init(sink, nil)
    }

    private init(_ sink: LogSink, _ scope: LogScope?) {
        self.sink = sink
        self.scope = scope
    }

    /// A log that forgets everything.
    public static let silent = Log(to: LogSink(level: .error, format: .text, clock: .system) { _ in })

    /// The same log, each line with these fields too; `nil` leaves a field out.
    public func with(_ more: KeyValuePairs<String, String?>) -> Log {
        Log(sink, LogScope(more, within: scope))
    }

    /// Writes an event for whoever looks for a fault.
    public func debug(
        _ event: @autoclosure () -> String, _ more: @autoclosure () -> KeyValuePairs<String, String?> = [:]
    ) {
        guard sink.level <= .debug else { return }
        write(.debug, event(), more())
    }

    /// Writes an event that went as planned.
    public func info(
        _ event: @autoclosure () -> String, _ more: @autoclosure () -> KeyValuePairs<String, String?> = [:]
    ) {
        guard sink.level <= .info else { return }
        write(.info, event(), more())
    }

    /// Writes an event that was not planned, after which the work goes on.
    public func warning(_ event: String, _ more: KeyValuePairs<String, String?> = [:]) {
        guard sink.level <= .warning else { return }
        write(.warning, event, more)
    }

    /// Writes an event that somebody has to see to.
    public func error(_ event: String, _ more: KeyValuePairs<String, String?> = [:]) {
        write(.error, event, more)
    }

    private func write(_ level: Level, _ event: String, _ more: KeyValuePairs<String, String?>) {
        sink.write(level, event, LogScope(more, within: scope).fields)
    }
}

/// Fields that were added to a log, and what they were added to: every job adds some, and few write a line.
private final class LogScope: Sendable {
    private let own: KeyValuePairs<String, String?>
    private let outer: LogScope?

    init(_ own: KeyValuePairs<String, String?>, within outer: LogScope?) {
        self.own = own
        self.outer = outer
    }

    /// The outermost first.
    var fields: [LogField] {
        (outer?.fields ?? [])
            + own.compactMap { name, value in value.map { LogField(name: name, value: $0) } }
    }
}

/// One thing that a line of the log says about its event.
package struct LogField: Sendable {
    package let name: String
    package let value: String
}

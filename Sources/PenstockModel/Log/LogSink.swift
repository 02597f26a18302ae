import PenstockJSON

/// Where the lines of a log go, and in what form.
package final class LogSink: Sendable {
    package enum Format: String, Sendable {
        /// For people: `12:34:56.789 warning lock lost  job=7 session=user-1`.
        case text
        /// For programs: one JSON object a line.
        case json
    }

    package let level: Log.Level
    private let format: Format
    private let clock: WallClock
    private let put: @Sendable (String) -> Void

    /// `put` takes a whole line, its newline included, in one call; lines of several tasks must not mix there.
    package init(
        level: Log.Level, format: Format, clock: WallClock = .system,
        put: @escaping @Sendable (String) -> Void
    ) {
        self.level = level
        self.format = format
        self.clock = clock
        self.put = put
    }

    func write(_ level: Log.Level, _ event: String, _ fields: [LogField]) {
        switch format {
        case .text: put(textLine(level, event, fields))
        case .json: put(jsonLine(level, event, fields))
        }
    }

    private func textLine(_ level: Log.Level, _ event: String, _ fields: [LogField]) -> String {
        var line = String(clock.now().description.dropFirst(11).prefix(12))
        line += level == .info ? " " : " \(level.rawValue): "
        line += event.oneLine
        if !fields.isEmpty { line += " " }
        for field in fields {
            let value = field.value.oneLine
            line += " \(field.name)=" + (value.contains(" ") ? "\"\(value)\"" : value)
        }
        return line + "\n"
    }

    private func jsonLine(_ level: Log.Level, _ event: String, _ fields: [LogField]) -> String {
        var object = JSONObject()
        object["time"] = .string(clock.now().description)
        object["level"] = .string(level.rawValue)
        object["event"] = .string(event)
        for field in fields {
            object[field.name] = .string(field.value)
        }
        return JSON.object(object).text + "\n"
    }
}

extension String {
    /// The text without line breaks and other control characters, for a line of its own.
    fileprivate var oneLine: String {
        guard unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else { return self }
        var line = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\n": line += "\\n"
            case "\t": line += "\\t"
            default: line.unicodeScalars.append(scalar.value < 0x20 || scalar.value == 0x7f ? "?" : scalar)
            }
        }
        return line
    }
}

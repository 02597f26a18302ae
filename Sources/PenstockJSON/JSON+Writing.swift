// JSON as text: compact, in UTF-8 as it is, with no more escapes than needed.

extension JSON {
    /// The value as compact JSON.
    public var text: String { text(pretty: false) }

    /// The value as JSON: compact, or over several lines with two spaces a level.
    public func text(pretty: Bool) -> String {
        var sink = ByteSink()
        if pretty { sink.appendPretty(self) } else { sink.append(self) }
        return String(decoding: sink.bytes, as: UTF8.self)
    }

    /// The value as compact JSON in UTF-8.
    public var bytes: [UInt8] {
        var sink = ByteSink()
        sink.append(self)
        return sink.array
    }

    /// Appends the value as compact JSON to `bytes`.
    package func write(into bytes: inout [UInt8]) {
        var sink = ByteSink()
        sink.append(self)
        bytes.append(contentsOf: sink.bytes)
    }
}

/// Appends `string` to `bytes` as a JSON string, quotes included.
package func appendJSONString(_ string: String, to bytes: inout [UInt8]) {
    string.withBytes { text in
        var sink = ByteSink(capacity: text.count + 16)
        sink.appendQuoted(text)
        bytes.append(contentsOf: sink.bytes)
    }
}

/// Appends a text that is UTF-8 already to `bytes` as a JSON string, quotes included.
package func appendJSONString(_ text: [UInt8], to bytes: inout [UInt8]) {
    text.withUnsafeBufferPointer { text in
        // Room for the quotes of a JSON text within.
        var sink = ByteSink(capacity: text.count + text.count / 4 + 16)
        sink.appendQuoted(text)
        bytes.append(contentsOf: sink.bytes)
    }
}

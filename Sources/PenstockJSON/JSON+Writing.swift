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
    string.withBytes { appendQuoted($0, to: &bytes) }
}

/// Appends a text that is UTF-8 already to `bytes` as a JSON string, quotes included.
package func appendJSONString(_ text: [UInt8], to bytes: inout [UInt8]) {
    text.withUnsafeBufferPointer { appendQuoted($0, to: &bytes) }
}

private func appendQuoted(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
    if let start = text.baseAddress, plainRun(start, upTo: text.count) == text.count {
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: text)
        bytes.append(UInt8(ascii: "\""))
    } else {
        // Room for the quotes of a JSON text within.
        var sink = ByteSink(capacity: text.count + text.count / 4 + 16)
        sink.appendQuoted(text)
        bytes.append(contentsOf: sink.bytes)
    }
}

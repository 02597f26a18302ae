// From the parser's terse fault to a sentence with line and column.

extension JSONError {
    init(_ fault: JSONParser.Fault, in text: UnsafeBufferPointer<UInt8>, limits: JSONLimits) {
        var offset = fault.offset
        switch fault.kind {
        case .expected(let what):
            kind = .syntax
            reason = "expected \(what), found \(described(text, at: offset))"
        case .reason(let sentence):
            kind = .syntax
            reason = "\(sentence), found \(described(text, at: offset))"
        case .invalidUTF8:
            kind = .encoding
            offset = firstInvalidByte(of: text, from: offset)
            reason = "expected UTF-8, found \(described(text, at: offset))"
        case .tooDeep:
            kind = .tooDeep
            reason = "expected at most \(min(limits.depth, JSONLimits.deepest)) levels, found one more"
        case .tooLong:
            kind = .tooLong
            reason = "expected at most \(limits.bytes ?? 0) bytes, found \(text.count)"
        case .duplicateKey:
            let key = keyName(text, at: offset)
            kind = .duplicateKey(key)
            reason = "expected each key once, found \"\(key)\" again"
        }
        self.offset = offset
        let before = text.prefix(offset)
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        line = 1 + before.count { $0 == UInt8(ascii: "\n") }
        column = 1 + before[lineStart...].count { $0 & 0xC0 != 0x80 }
    }
}

/// What stands at a place, in words.
private func described(_ text: UnsafeBufferPointer<UInt8>, at offset: Int) -> String {
    guard offset < text.count else { return "the end" }
    if text[offset...].starts(with: [0xEF, 0xBB, 0xBF]) { return "a byte order mark" }
    let byte = text[offset]
    switch byte {
    case UInt8(ascii: "'"): return "an apostrophe"
    case 0x21..<0x7F: return "'\(Unicode.Scalar(byte))'"
    default:
        let scalar = String(decoding: text[offset...].prefix(4), as: UTF8.self).unicodeScalars.first
        if let scalar, scalar != "\u{FFFD}", scalar.value > 0xA0 { return "'\(scalar)'" }
        let digits = String(byte, radix: 16, uppercase: true)
        return "the byte 0x" + (digits.count == 1 ? "0" + digits : digits)
    }
}

/// Where the first sequence starts that is no UTF-8.
private func firstInvalidByte(of text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var decoder = UTF8.ForwardParser()
    var offset = start
    var bytes = text[start...].makeIterator()
    while case .valid(let sequence) = decoder.parseScalar(from: &bytes) { offset += sequence.count }
    return min(offset, text.count)
}

/// The key whose opening quote stands at a place, cut to a length for a sentence.
private func keyName(_ text: UnsafeBufferPointer<UInt8>, at offset: Int) -> String {
    var end = offset + 1
    while end < text.count, text[end] != UInt8(ascii: "\"") { end += text[end] == UInt8(ascii: "\\") ? 2 : 1 }
    let quoted = UnsafeBufferPointer(rebasing: text[offset...min(end, text.count - 1)])
    guard let name = try? JSON(parsing: quoted).string else { return "" }
    return name.unicodeScalars.count <= 100 ? name : String(name.unicodeScalars.prefix(100)) + "…"
}

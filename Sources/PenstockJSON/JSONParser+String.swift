// Strings and keys: mostly one run of plain bytes, taken over in one piece.

extension JSONParser {
    /// What stands between two quotes.
    private enum Text {
        case plain(String)
        case unpaired(JSONUnpairedText)
    }

    @inline(__always)
    mutating func parseString() throws(Fault) -> JSON {
        switch try parseText() {
        case .plain(let text): .string(text)
        case .unpaired(let text): .unpaired(text)
        }
    }

    @inline(__always)
    mutating func parseKey() throws(Fault) -> JSONKey {
        switch try parseText() {
        case .plain(let text): JSONKey(text)
        case .unpaired(let text): JSONKey(text)
        }
    }

    /// Reads a string from its opening quote to behind its closing one.
    private mutating func parseText() throws(Fault) -> Text {
        at &+= 1
        let start = at
        at &+= plainRun(base + at, upTo: end &- at)
        if at < end, base[at] == UInt8(ascii: "\"") {
            let text = try string(UnsafeBufferPointer(start: base + start, count: at &- start), from: start)
            at &+= 1
            return .plain(text)
        }
        return try parseEscapedText(from: start)
    }

    /// The bytes as a string, if they are UTF-8.
    @inline(__always)
    private func string(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) throws(Fault) -> String {
        // Of the standard library's ways this is the fast one. It mends what is no UTF-8, so that is seen
        // afterwards.
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.withBytes({ $0.hasSameBytes(as: bytes) }) else {
            throw Fault(kind: .invalidUTF8, offset: start)
        }
        return text
    }

    private mutating func parseEscapedText(from start: Int) throws(Fault) -> Text {
        unescaped.truncate(to: 0)
        unescaped.append(UnsafeBufferPointer(start: base + start, count: at - start))
        var halves = false
        while true {
            guard at < end else { throw expected("the string's closing quote") }
            switch base[at] {
            case UInt8(ascii: "\""):
                at &+= 1
                if halves { return .unpaired(try canonical(from: start)) }
                return .plain(try string(unescaped.bytes, from: start))
            case UInt8(ascii: "\\"):
                at &+= 1
                if try !parseEscape() { halves = true }
            default:
                throw Fault(kind: .reason("a control character in a string must be escaped"), offset: at)
            }
            let run = plainRun(base + at, upTo: end &- at)
            unescaped.append(UnsafeBufferPointer(start: base + at, count: run))
            at &+= run
        }
    }

    /// Undoes one escape, from behind its backslash.
    ///
    /// - Returns: Whether it stood for a whole character; half of a surrogate pair is appended as three bytes
    ///   that are no UTF-8.
    private mutating func parseEscape() throws(Fault) -> Bool {
        let mark = byte
        at &+= 1
        switch mark {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(byte: mark)
        case UInt8(ascii: "b"): unescaped.append(byte: 0x08)
        case UInt8(ascii: "f"): unescaped.append(byte: 0x0C)
        case UInt8(ascii: "n"): unescaped.append(byte: 0x0A)
        case UInt8(ascii: "r"): unescaped.append(byte: 0x0D)
        case UInt8(ascii: "t"): unescaped.append(byte: 0x09)
        case UInt8(ascii: "u"):
            var scalar = try parseFourHexDigits()
            if scalar & 0xFC00 == 0xD800, end - at >= 6, base[at] == UInt8(ascii: "\\"),
                base[at + 1] == UInt8(ascii: "u")
            {
                let afterHigh = at
                at &+= 2
                let low = try parseFourHexDigits()
                if low & 0xFC00 == 0xDC00 {
                    scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
                } else {
                    at = afterHigh
                }
            }
            unescaped.append(scalar: scalar)
            return scalar & 0xFFFF_F800 != 0xD800
        default:
            at &-= 1
            throw expected("an escape (one of \" \\ / b f n r t u)")
        }
        return true
    }

    private mutating func parseFourHexDigits() throws(Fault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw expected("four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            at &+= 1
        }
        return value
    }

    /// The undone string as the writer would write it, each half of a surrogate pair as an escape.
    private func canonical(from start: Int) throws(Fault) -> JSONUnpairedText {
        var escaped = ByteSink(capacity: unescaped.count * 2)
        let bytes = unescaped.bytes
        var plain = 0
        var place = 0
        while place < bytes.count {
            // ED A0 to ED BF start what would be a half; no UTF-8 has them.
            guard bytes[place] == 0xED, place + 2 < bytes.count, bytes[place + 1] >= 0xA0 else {
                place += 1
                continue
            }
            escaped.appendEscaped(UnsafeBufferPointer(rebasing: bytes[plain..<place]))
            escaped.append(raw: "\\ud")
            let low = UInt8(bytes[place + 1] & 0x3F) << 6 | (bytes[place + 2] & 0x3F)
            escaped.append(byte: hexDigit((bytes[place + 1] & 0x3F) >> 2))
            escaped.append(byte: hexDigit(low >> 4))
            escaped.append(byte: hexDigit(low & 0xF))
            place += 3
            plain = place
        }
        escaped.appendEscaped(UnsafeBufferPointer(rebasing: bytes[plain..<bytes.count]))
        return JSONUnpairedText(escaped: try string(escaped.bytes, from: start))
    }
}

extension ByteSink {
    /// Appends the UTF-8 of a scalar, or the three bytes that half of a surrogate pair would have.
    mutating func append(scalar: UInt32) {
        func tail(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: scalar >> shift & 0x3F | 0x80) }
        func head(_ shift: UInt32, _ marks: UInt32) -> UInt8 {
            UInt8(truncatingIfNeeded: scalar >> shift | marks)
        }
        switch scalar {
        case 0..<0x80:
            append(byte: UInt8(truncatingIfNeeded: scalar))
        case 0x80..<0x800:
            append(byte: head(6, 0xC0))
            append(byte: tail(0))
        case 0x800..<0x10000:
            append(byte: head(12, 0xE0))
            append(byte: tail(6))
            append(byte: tail(0))
        default:
            append(byte: head(18, 0xF0))
            append(byte: tail(12))
            append(byte: tail(6))
            append(byte: tail(0))
        }
    }
}

// How each kind of value is written.

extension ByteSink {
    mutating func append(_ value: Bool) {
        if value { append(raw: "true") } else { append(raw: "false") }
    }

    @inline(__always)
    mutating func append(_ value: Int64) {
        if value < 0 { append(byte: UInt8(ascii: "-")) }
        append(value.magnitude)
    }

    mutating func append(_ value: UInt64) {
        reserve(20)
        var rest = value
        var length = 1
        while rest >= 10 {
            rest /= 10
            length &+= 1
        }
        rest = value
        var at = count &+ length
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            at &-= 1
            base[at] = UInt8(truncatingIfNeeded: digit) &+ UInt8(ascii: "0")
            rest = quotient
        } while rest != 0
        advance(by: length)
    }

    /// Appends a float as Python writes it, always recognisable as a float.
    mutating func append(_ value: Double) {
        if value.magnitude < 1e15, appendShort(value) { return }
        value.exactText.withBytes { append($0) }
    }

    /// Appends a float that has few digits, if this is one.
    ///
    /// A decimal of at most 15 digits that reads back as the double is the shortest that does: no two such
    /// decimals read back as one double.
    private mutating func appendShort(_ value: Double) -> Bool {
        let magnitude = value.magnitude
        let whole = UInt64(magnitude)
        if Double(whole) == magnitude {
            if value.sign == .minus { append(byte: UInt8(ascii: "-")) }
            append(whole)
            append(raw: ".0")
            return true
        }
        guard magnitude >= 1e-4, magnitude < 1e9 else { return false }
        for places in 1...6 {
            let scaled = (magnitude * powersOfTen[places]).rounded()
            guard scaled / powersOfTen[places] == magnitude else { continue }
            let scale = UInt64(powersOfTen[places])
            let (whole, fraction) = UInt64(scaled).quotientAndRemainder(dividingBy: scale)
            if value.sign == .minus { append(byte: UInt8(ascii: "-")) }
            append(whole)
            append(byte: UInt8(ascii: "."))
            reserve(places)
            var rest = fraction
            for place in stride(from: places - 1, through: 0, by: -1) {
                base[count &+ place] = UInt8(truncatingIfNeeded: rest % 10) &+ UInt8(ascii: "0")
                rest /= 10
            }
            advance(by: places)
            return true
        }
        return false
    }

    mutating func append(_ number: JSONNumber) {
        switch number.form {
        case .integer(let value): append(value)
        case .float(let value): append(value)
        case .text(let text): text.withBytes { append($0) }
        }
    }

    /// Appends a string with its quotes.
    @inline(__always)
    mutating func append(_ string: String) {
        string.withBytes { appendQuoted($0) }
    }

    mutating func appendQuoted(_ bytes: UnsafeBufferPointer<UInt8>) {
        reserve(bytes.count &+ 2)
        append(byte: UInt8(ascii: "\""))
        appendEscaped(bytes)
        append(byte: UInt8(ascii: "\""))
    }

    mutating func appendEscaped(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return }
        var at = 0
        while true {
            let run = plainRun(start + at, upTo: bytes.count &- at)
            append(UnsafeBufferPointer(start: start + at, count: run))
            at &+= run
            if at == bytes.count { return }
            appendEscape(of: start[at])
            at &+= 1
        }
    }

    private mutating func appendEscape(of byte: UInt8) {
        append(byte: UInt8(ascii: "\\"))
        switch byte {
        case 0x08: append(byte: UInt8(ascii: "b"))
        case 0x09: append(byte: UInt8(ascii: "t"))
        case 0x0A: append(byte: UInt8(ascii: "n"))
        case 0x0C: append(byte: UInt8(ascii: "f"))
        case 0x0D: append(byte: UInt8(ascii: "r"))
        case 0..<0x20:
            append(raw: "u00")
            append(byte: hexDigit(byte >> 4))
            append(byte: hexDigit(byte & 0xF))
        default: append(byte: byte)
        }
    }

    mutating func append(_ text: JSONUnpairedText) {
        append(byte: UInt8(ascii: "\""))
        text.escaped.withBytes { append($0) }
        append(byte: UInt8(ascii: "\""))
    }

    @inline(__always)
    mutating func append(_ key: JSONKey) {
        if key.isUnpaired { append(JSONUnpairedText(escaped: key.text)) } else { append(key.text) }
    }

    mutating func append(_ value: JSON) {
        switch value {
        case .null: append(raw: "null")
        case .bool(let value): append(value)
        case .number(let value): append(value)
        case .string(let value): append(value)
        case .unpaired(let value): append(value)
        case .array(let values):
            open("[")
            var isFirst = true
            for value in values {
                if !isFirst { append(byte: UInt8(ascii: ",")) }
                isFirst = false
                append(value)
            }
            close("]")
        case .object(let object): append(object)
        }
    }

    mutating func append(_ object: JSONObject) {
        open("{")
        var isFirst = true
        for entry in object.entries {
            if !isFirst { append(byte: UInt8(ascii: ",")) }
            isFirst = false
            append(entry.key)
            append(byte: UInt8(ascii: ":"))
            append(entry.value)
        }
        close("}")
    }

    /// Appends a value over several lines, two spaces a level.
    mutating func appendPretty(_ value: JSON, level: Int = 0) {
        switch value {
        case .array(let values) where !values.isEmpty:
            open("[")
            for (position, value) in values.enumerated() {
                if position > 0 { append(byte: UInt8(ascii: ",")) }
                appendLine(level: level + 1)
                appendPretty(value, level: level + 1)
            }
            appendLine(level: level)
            close("]")
        case .object(let object) where !object.isEmpty:
            open("{")
            for (position, entry) in object.entries.enumerated() {
                if position > 0 { append(byte: UInt8(ascii: ",")) }
                appendLine(level: level + 1)
                append(entry.key)
                append(raw: ": ")
                appendPretty(entry.value, level: level + 1)
            }
            appendLine(level: level)
            close("}")
        default: append(value)
        }
    }

    private mutating func appendLine(level: Int) {
        append(byte: UInt8(ascii: "\n"))
        for _ in 0..<level { append(raw: "  ") }
    }
}

@inline(__always)
func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? value + UInt8(ascii: "0") : value - 10 + UInt8(ascii: "a")
}

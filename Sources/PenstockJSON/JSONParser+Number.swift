// Numbers: small integers and short decimals by their digits, everything else by its text.

extension JSONParser {
    mutating func parseNumber() throws(Fault) -> JSONNumber {
        let start = at
        let isNegative = base[at] == UInt8(ascii: "-")
        if isNegative {
            at &+= 1
            if byte == UInt8(ascii: "I"), limits.allowsNaN {
                try parseWord("Infinity")
                return JSONNumber(-.infinity)
            }
        }
        let wholeStart = at
        var digits: UInt64 = 0
        try parseDigits(into: &digits)
        let wholeCount = at &- wholeStart
        if wholeCount > 1, base[wholeStart] == UInt8(ascii: "0") {
            throw Fault(kind: .reason("a number must not start with 0"), offset: wholeStart)
        }
        var isFloat = false
        var fractionCount = 0
        var hasExponent = false
        let whole = digits
        if byte == UInt8(ascii: ".") {
            isFloat = true
            at &+= 1
            let fractionStart = at
            try parseDigits(into: &digits)
            fractionCount = at &- fractionStart
        }
        if byte | 0x20 == UInt8(ascii: "e") {
            isFloat = true
            hasExponent = true
            at &+= 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { at &+= 1 }
            var exponent: UInt64 = 0
            try parseDigits(into: &exponent)
        }
        if !isFloat {
            if wholeCount <= 18, !(isNegative && digits == 0) {
                return JSONNumber(form: .integer(isNegative ? -Int64(digits) : Int64(digits)))
            }
        } else if !hasExponent, wholeCount &+ fractionCount <= 15 {
            // Both numbers are exact as doubles, so their quotient is the nearest double. A decimal of so few
            // digits, without needless zeros at its end, is the shortest that reads back as that double.
            let value: Double? =
                if fractionCount == 1, digits == whole &* 10 {
                    Double(whole)
                } else if base[at &- 1] != UInt8(ascii: "0"),
                    whole != 0 || digits >= leastPlain(fractionCount)
                {
                    Double(digits) / powersOfTen[fractionCount]
                } else {
                    nil
                }
            if let value { return JSONNumber(form: .float(isNegative ? -value : value)) }
        }
        return number(
            spelled: String(
                decoding: UnsafeBufferPointer(start: base + start, count: at - start), as: UTF8.self), isFloat
        )
    }

    /// The least digits behind the point for which Python writes no exponent: 0.0001 has 1 of 4 places.
    @inline(__always)
    private func leastPlain(_ places: Int) -> UInt64 {
        places <= 4 ? 1 : UInt64(powersOfTen[places &- 4])
    }

    @inline(__always)
    private mutating func parseDigits(into value: inout UInt64) throws(Fault) {
        guard isDigit(byte) else { throw expected("a digit") }
        repeat {
            value = value &* 10 &+ UInt64(base[at] &- UInt8(ascii: "0"))
            at &+= 1
        } while at < end && isDigit(base[at])
    }

    /// A number that needs a closer look: as what gives its text back.
    private func number(spelled text: String, _ isFloat: Bool) -> JSONNumber {
        if isFloat {
            if let value = Double(text), value.exactText == text { return JSONNumber(form: .float(value)) }
        } else if let value = Int64(text), text != "-0" {
            return JSONNumber(form: .integer(value))
        }
        return JSONNumber(form: .text(text))
    }
}

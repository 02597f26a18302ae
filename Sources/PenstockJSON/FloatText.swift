// How a float is written: exactly as Python's repr does, so that whoever reads it reads a float.

extension Double {
    /// The shortest text that reads back as this double, in Python's form: `1.0`, `1e+16`, `5e-324`, `NaN`.
    package var exactText: String {
        if isNaN { return "NaN" }
        if isInfinite { return self < 0 ? "-Infinity" : "Infinity" }
        // Where every double is whole, Swift and Python differ in when an exponent takes over: there the
        // digits are those of the integer, none of which the shortest text could do without but zeros at the
        // end.
        guard magnitude >= 0x1p53, magnitude < 0x1p54 else { return description }
        let sign = self < 0 ? "-" : ""
        let digits = String(Int64(magnitude))
        if magnitude < 1e16 { return "\(sign)\(digits).0" }
        var shortest = Array(digits.utf8)
        while shortest.last == UInt8(ascii: "0") { shortest.removeLast() }
        if shortest.count > 1 { shortest.insert(UInt8(ascii: "."), at: 1) }
        return "\(sign)\(String(decoding: shortest, as: UTF8.self))e+16"
    }
}

/// 10 to the power of the index, each exact as a double.
let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19,
    1e20, 1e21, 1e22,
]

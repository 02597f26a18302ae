// How a float is written: exactly as Python's repr does, so that whoever reads it reads a float.

extension Double {
    /// The shortest text that reads back as this double, in Python's form: `1.0`, `1e+16`, `5e-324`, `NaN`.
    package var exactText: String {
        if isNaN { return "NaN" }
        if isInfinite { return self < 0 ? "-Infinity" : "Infinity" }
        guard magnitude >= 1e16, magnitude < 0x1p54 else { return description }
        // Here Swift still writes all digits, and Python has changed to an exponent.
        var digits = Array(String(Int64(magnitude)).utf8)
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        if digits.count > 1 { digits.insert(UInt8(ascii: "."), at: 1) }
        return (self < 0 ? "-" : "") + String(decoding: digits, as: UTF8.self) + "e+16"
    }
}

/// 10 to the power of the index, each exact as a double.
let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19,
    1e20, 1e21, 1e22,
]

import PenstockJSON

extension JSONNumber {
    /// The sum: exact for two integers of any length, else the float sum.
    func adding(_ other: JSONNumber) -> JSONNumber {
        if let left = int, let right = other.int {
            let (sum, overflow) = left.addingReportingOverflow(right)
            if !overflow { return JSONNumber(sum) }
        }
        if isInteger, other.isInteger,
            let sum = JSONNumber(Decimal(self.description).adding(Decimal(other.description)).text)
        {
            return sum
        }
        return JSONNumber(double + other.double)
    }

    /// Whether this is less: exactly for two integers of any length, else as doubles.
    func isLess(than other: JSONNumber) -> Bool {
        if let left = int, let right = other.int { return left < right }
        if isInteger, other.isInteger {
            return Decimal(self.description).isLess(than: Decimal(other.description))
        }
        return double < other.double
    }
}

/// An integer of any length, as decimal digits.
private struct Decimal {
    private var isNegative: Bool
    /// The lowest first; none of them for zero.
    private var digits: [UInt8]

    init(_ text: String) {
        isNegative = text.utf8.first == UInt8(ascii: "-")
        digits = text.utf8.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "0") }.reversed().map {
            $0 - UInt8(ascii: "0")
        }
    }

    private init(isNegative: Bool, digits: [UInt8]) {
        self.isNegative = isNegative
        self.digits = digits
    }

    var text: String {
        guard !digits.isEmpty else { return "0" }
        return (isNegative ? "-" : "")
            + String(decoding: digits.reversed().map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
    }

    func isLess(than other: Decimal) -> Bool {
        switch (isNegative && !digits.isEmpty, other.isNegative && !other.digits.isEmpty) {
        case (true, false): true
        case (false, true): false
        case (false, false): Self.isLess(digits, other.digits)
        case (true, true): Self.isLess(other.digits, digits)
        }
    }

    func adding(_ other: Decimal) -> Decimal {
        if isNegative == other.isNegative {
            return Decimal(isNegative: isNegative, digits: Self.sum(digits, other.digits))
        }
        if Self.isLess(digits, other.digits) {
            return Decimal(isNegative: other.isNegative, digits: Self.difference(other.digits, digits))
        }
        return Decimal(isNegative: isNegative, digits: Self.difference(digits, other.digits))
    }

    private static func isLess(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count
            ? left.reversed().lexicographicallyPrecedes(right.reversed()) : left.count < right.count
    }

    private static func sum(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var digits: [UInt8] = []
        var carry: UInt8 = 0
        for place in 0..<Swift.max(left.count, right.count) {
            let sum =
                (place < left.count ? left[place] : 0) + (place < right.count ? right[place] : 0) + carry
            digits.append(sum % 10)
            carry = sum / 10
        }
        if carry > 0 { digits.append(carry) }
        return digits
    }

    /// What is left of `left`, which must not be less than `right`.
    private static func difference(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var digits: [UInt8] = []
        var borrow: UInt8 = 0
        for place in left.indices {
            let taken = (place < right.count ? right[place] : 0) + borrow
            borrow = left[place] < taken ? 1 : 0
            digits.append(left[place] + 10 * borrow - taken)
        }
        while digits.last == 0 { digits.removeLast() }
        return digits
    }
}

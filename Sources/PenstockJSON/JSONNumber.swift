/// A JSON number, kept as it was written: an integer of any length, or a float.
///
/// A float without fraction stays a float (`1.0`), and what a `Double` would change (`1.50`, `1e400`) keeps
/// its text. `NaN`, `Infinity` and `-Infinity`, which Python writes, are floats. Numbers are equal when their
/// texts are: `1` and `1.0` differ, `NaN` equals `NaN`.
public struct JSONNumber: Sendable {
    /// How the number is held: the first form that gives its text back.
    enum Form {
        case integer(Int64)
        /// One whose text is Python's `repr` of it.
        case float(Double)
        /// Anything else, as it was written.
        case text(String)
    }

    let form: Form

    init(form: Form) { self.form = form }

    /// An integer of any length.
    public init(_ value: some BinaryInteger) {
        form = if let small = Int64(exactly: value) { .integer(small) } else { .text(String(value)) }
    }

    /// A float, also when it has no fraction.
    public init(_ value: Double) {
        form = .float(value.isNaN ? .nan : value)
    }

    /// The number that `text` spells in JSON or as Python's `NaN`, `Infinity`, `-Infinity`; nil if it spells
    /// none.
    public init?(_ text: String) {
        guard let first = text.utf8.first, let last = text.utf8.last, !isSpace(first), !isSpace(last),
            case .success(.number(let number)) = Result(catching: { () throws(JSONError) in
                try JSON(parsing: text)
            })
        else { return nil }
        self = number
    }

    /// Whether this is an integer: written without fraction and exponent.
    public var isInteger: Bool {
        switch form {
        case .integer: true
        case .float: false
        case .text(let text): text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || isDigit($0) }
        }
    }

    /// The integer, if this is one that fits.
    public var int: Int? { integer(as: Int.self) }

    /// The nearest double; an infinity where the number is larger than any.
    public var double: Double {
        switch form {
        case .integer(let value): Double(value)
        case .float(let value): value
        case .text(let text): Double(text) ?? .nan
        }
    }

    /// The integer as another type, if this is an integer that fits.
    package func integer<I: FixedWidthInteger>(as type: I.Type) -> I? {
        switch form {
        case .integer(let value): I(exactly: value)
        case .float: nil
        case .text(let text): I(text)
        }
    }

    /// "an integer" or "a float", for sentences.
    var kind: String { isInteger ? "an integer" : "a float" }
}

extension JSONNumber: Hashable {
    /// Whether both are written alike.
    public static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        switch (left.form, right.form) {
        case (.integer(let left), .integer(let right)): left == right
        case (.float(let left), .float(let right)): left.bitPattern == right.bitPattern
        case (.text(let left), .text(let right)): left == right
        default: false
        }
    }

    /// Feeds what equality compares into `hasher`.
    public func hash(into hasher: inout Hasher) {
        switch form {
        case .integer(let value): hasher.combine(value)
        case .float(let value): hasher.combine(value.bitPattern)
        case .text(let text): hasher.combine(text)
        }
    }
}

extension JSONNumber: CustomStringConvertible {
    /// The number as JSON writes it; a float as Python does.
    public var description: String {
        switch form {
        case .integer(let value): String(value)
        case .float(let value): value.exactText
        case .text(let text): text
        }
    }
}

/// A string with half of a surrogate pair in it, such as Python's `"\ud800"`: no `String` can hold it.
///
/// It passes through unchanged, from what was read to what is written.
public struct JSONUnpairedText: Hashable, Sendable {
    /// What stands between the quotes in JSON: in the one form that the writer gives, so equal texts are
    /// equal here.
    let escaped: String

    /// The text with U+FFFD in place of each half.
    public var repaired: String { repair(escaped) }
}

/// The text that `escaped` stands for, with U+FFFD in place of each half of a surrogate pair.
func repair(_ escaped: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(escaped.utf8)[...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "\\"), let mark = rest.popFirst() else {
            bytes.append(byte)
            continue
        }
        switch mark {
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"):
            let unit = UInt16(String(decoding: rest.prefix(4), as: UTF8.self), radix: 16)
            rest = rest.dropFirst(4)
            let scalar = unit.flatMap { Unicode.Scalar($0) } ?? "\u{FFFD}"
            bytes.append(contentsOf: Character(scalar).utf8)
        default: bytes.append(mark)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}

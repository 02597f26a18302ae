/// Why a text is no JSON, or none within the limits: a sentence with the place.
public struct JSONError: Error, Hashable, Sendable {
    /// What kind of fault it is.
    public enum Kind: Hashable, Sendable {
        /// It is not JSON.
        case syntax
        /// It is not UTF-8.
        case encoding
        /// It nests deeper than allowed.
        case tooDeep
        /// It has more bytes than allowed.
        case tooLong
        /// An object has this key twice.
        case duplicateKey(String)
    }

    /// What kind of fault it is.
    public let kind: Kind
    /// What was expected and what came, without the place.
    public let reason: String
    /// The line of the fault, counted from 1.
    public let line: Int
    /// Its place in the line, in characters (code points) counted from 1.
    public let column: Int
    /// Its place in the text, in bytes counted from 0.
    public let offset: Int
}

extension JSONError: CustomStringConvertible {
    /// The reason and the place, as one sentence.
    public var description: String { "\(reason) at line \(line), column \(column) (byte \(offset))" }
}

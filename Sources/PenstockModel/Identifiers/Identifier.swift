/// A checked name: 1 to ``IdentifierKind/maxLength`` of the characters `A–Z a–z 0–9 _ . : -`.
///
/// Sessions, jobs, flows, nodes and queues each have a kind of their own, so that one is never passed for
/// another.
///
/// ```swift
/// let session: SessionID = "user-123"          // a literal that does not fit stops the program
/// let job = try JobID(checking: textFromOutside)
/// ```
public struct Identifier<Kind: IdentifierKind>: Hashable, Sendable {
    /// The name as it is stored and sent.
    public let text: String

    /// Takes a text from outside.
    ///
    /// - Throws: ``IdentifierError`` with a sentence, when the text is empty, too long, or has another
    ///   character.
    @inlinable
    public init(checking text: String) throws(IdentifierError) {
        guard Self.accepts(text) else {
            throw IdentifierError(noun: Kind.noun, maxLength: Kind.maxLength, text: text)
        }
        self.text = text
    }

    /// Takes a text that is known to fit, as one that came out of our own records does.
    @inlinable
    package init(unchecked text: String) {
        self.text = text
    }

    /// Whether `text` is a name of this kind.
    @inlinable
    public static func accepts(_ text: String) -> Bool {
        let bytes = text.utf8
        return !bytes.isEmpty && bytes.count <= Kind.maxLength && bytes.allSatisfy(isIdentifierByte)
    }
}

/// What an ``Identifier`` names.
public protocol IdentifierKind: Sendable {
    /// The word for it in messages, such as `session id`.
    static var noun: String { get }
    /// The most bytes a name of this kind may have.
    static var maxLength: Int { get }
    /// Whether a literal that is no such name stops the program. Names within a flow are checked with it, all
    /// at once.
    static var checksLiterals: Bool { get }
}

extension IdentifierKind {
    /// True: a literal that is no such name stops the program.
    public static var checksLiterals: Bool { true }
}

/// A text that is no identifier.
public struct IdentifierError: Error, Hashable, Sendable, CustomStringConvertible {
    let noun: String
    let maxLength: Int
    let text: String

    @usableFromInline
    init(noun: String, maxLength: Int, text: String) {
        self.noun = noun
        self.maxLength = maxLength
        self.text = text
    }

    /// What was expected, and what came (its first 60 characters).
    public var description: String {
        let shown = text.count > 60 ? "\(text.prefix(60))… (\(text.utf8.count) bytes)" : text
        return "a \(noun) is 1 to \(maxLength) of the characters A-Z a-z 0-9 _ . : -, not \"\(shown)\""
    }
}

@inlinable
package func isIdentifierByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "-"):
        true
    default:
        false
    }
}

extension Identifier: ExpressibleByStringLiteral {
    /// Takes a literal; one that is no identifier is a mistake of the program and stops it, unless its kind
    /// is checked later.
    public init(stringLiteral text: String) {
        precondition(
            !Kind.checksLiterals || Self.accepts(text),
            IdentifierError(noun: Kind.noun, maxLength: Kind.maxLength, text: text).description)
        self.text = text
    }
}

extension Identifier: CustomStringConvertible {
    /// The name itself.
    public var description: String { text }
}

extension Identifier: Comparable {
    /// Orders names byte by byte.
    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

extension Identifier: Codable {
    /// Reads a name, checking it.
    public init(from decoder: any Decoder) throws {
        try self.init(checking: try decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the name as a string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

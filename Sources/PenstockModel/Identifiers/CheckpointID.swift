/// Names a checkpoint: a UUID of version 7 for ours, any text for one that another system wrote.
public struct CheckpointID: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The id as it is stored.
    public let text: String

    /// Takes an id as it stands in a store.
    public init(_ text: String) {
        self.text = text
    }

    /// Takes an id from a literal.
    public init(stringLiteral text: String) {
        self.text = text
    }

    /// The id as it is stored.
    public var description: String { text }
}

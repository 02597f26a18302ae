/// What a reader of JSON puts up with.
package struct JSONLimits: Sendable, Hashable {
    /// What becomes of an object that has a key twice.
    package enum DuplicateKeys: Sendable, Hashable {
        case refuse
        /// The last value counts, as for Python.
        case lastWins
    }

    /// How deep arrays and objects may nest. Never more than ``deepest``, whatever is set: each level takes
    /// stack.
    package var depth: Int
    /// How many bytes the text may have; nil for any number.
    package var bytes: Int?
    package var duplicateKeys: DuplicateKeys
    /// Whether Python's `NaN`, `Infinity` and `-Infinity` are numbers.
    package var allowsNaN: Bool

    /// What a stack of 512 KB has room for, in a release build, whichever way a value is gone through.
    package static let deepest = 512
    /// How deep the encoder goes: what it writes can be read again, also as a part of something.
    package static let deepestWritten = 500

    package init(
        depth: Int = 128, bytes: Int? = nil, duplicateKeys: DuplicateKeys = .lastWins, allowsNaN: Bool = true
    ) {
        self.depth = depth
        self.bytes = bytes
        self.duplicateKeys = duplicateKeys
        self.allowsNaN = allowsNaN
    }

    /// For what a store holds: all that was ever written there, also by Python.
    package static let stored = JSONLimits(depth: deepest)
    /// For what a stranger sends: strict JSON, each key once.
    package static func message(bytes: Int?) -> JSONLimits {
        JSONLimits(bytes: bytes, duplicateKeys: .refuse, allowsNaN: false)
    }
}

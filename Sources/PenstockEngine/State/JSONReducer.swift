package import PenstockJSON

/// The reducers that work on plain JSON, by the names that flow files call them.
///
/// An old value that is absent or null counts as nothing: the new one is taken, if it is of the reducer's
/// kind.
package enum JSONReducer: String, Sendable, CaseIterable {
    case replace
    /// Arrays, one behind the other.
    case append
    /// Numbers: integers of any length exactly, a float among them makes a float.
    case sum
    /// Objects, the new one's keys over the old one's.
    case merge
    /// The lesser of two numbers, or of two strings by their code points.
    case min
    /// The greater of two numbers, or of two strings by their code points.
    case max

    /// Why it would not take this value, whatever the old one; `nil` if it may.
    package func refusal(of value: JSON, key: String) -> String? {
        do {
            _ = try combine(nil, value, key: key)
            return nil
        } catch {
            return error.description
        }
    }

    func combine(_ old: JSON?, _ new: JSON, key: String) throws(StateError) -> JSON {
        let old = old ?? .null
        switch self {
        case .replace:
            return new
        case .append:
            guard let more = new.array else { throw mismatch("an array", new, key) }
            if old.isNull { return new }
            guard let elements = old.array else { throw mismatch("an array", old, key) }
            return .array(elements + more)
        case .merge:
            guard let more = new.object else { throw mismatch("an object", new, key) }
            if old.isNull { return new }
            guard var object = old.object else { throw mismatch("an object", old, key) }
            object.merge(more)
            return .object(object)
        case .sum:
            guard let summand = new.number else { throw mismatch("a number", new, key) }
            if old.isNull { return new }
            guard let number = old.number else { throw mismatch("a number", old, key) }
            return .number(number.adding(summand))
        case .min, .max:
            guard new.number != nil || new.string != nil else {
                throw mismatch("a number or a string", new, key)
            }
            if old.isNull { return new }
            let isLess = try less(new, old, key)
            let isGreater = try less(old, new, key)
            return (self == .min ? isLess : isGreater) ? new : old
        }
    }

    private func less(_ left: JSON, _ right: JSON, _ key: String) throws(StateError) -> Bool {
        if let left = left.number, let right = right.number { return left.isLess(than: right) }
        if let left = left.string, let right = right.string {
            return left.unicodeScalars.lexicographicallyPrecedes(right.unicodeScalars)
        }
        throw StateError(
            "under \"\(key)\", \(left.kind) and \(right.kind) have no order (reducer \(rawValue))")
    }

    private func mismatch(_ expected: String, _ found: JSON, _ key: String) -> StateError {
        StateError("under \"\(key)\", the reducer \(rawValue) takes \(expected), not \(found.kind)")
    }
}

/// How a pair of stores stands, kept in both. Every change raises the term; the greatest standing counts.
package struct PairStanding: Hashable, Sendable {
    /// One of the two stores, by its place in the settings.
    package enum Place: String, Hashable, Sendable, CaseIterable {
        case primary
        case secondary

        package var other: Place { self == .primary ? .secondary : .primary }
    }

    /// What the store that is not active is worth.
    package enum Standby: String, Hashable, Sendable, CaseIterable {
        /// It has all that the active store has, and every write is made on both.
        case complete
        /// It is given every write after the active store has acknowledged it: the last ones may not have arrived yet.
        case following
        /// Every write is made on both, and what it lacks is being copied.
        case joining
        /// It is away: the active store goes on without it.
        case alone
    }

    package var term: Int64
    package var active: Place
    package var standby: Standby

    package init(term: Int64, active: Place, standby: Standby) {
        self.term = term
        self.active = active
        self.standby = standby
    }
}

extension PairStanding: Comparable {
    /// By the term. Where two made one of the same term, each in another store, the one that promises less counts.
    package static func < (left: PairStanding, right: PairStanding) -> Bool {
        (left.term, left.weight) < (right.term, right.weight)
    }

    private var weight: Int {
        let standby =
            switch standby {
            case .complete: 0
            case .following: 1
            case .joining: 2
            case .alone: 3
            }
        return standby * 2 + (active == .primary ? 1 : 0)
    }
}

extension PairStanding: CustomStringConvertible {
    package var description: String { "term \(term), \(active.rawValue) active, \(standby.rawValue)" }
}

extension PairStanding {
    /// Three words, as stores keep it.
    package var words: String { "\(term) \(active.rawValue) \(standby.rawValue)" }

    /// Reads what ``words`` gives.
    package init?(words: String) {
        let parts = words.split(separator: " ").map(String.init)
        guard parts.count == 3, let term = Int64(parts[0]), let active = Place(rawValue: parts[1]),
            let standby = Standby(rawValue: parts[2])
        else { return nil }
        self.init(term: term, active: active, standby: standby)
    }
}

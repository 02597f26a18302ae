package import PenstockModel

/// What a copy has done so far.
package struct StoreCopyReport: Hashable, Sendable {
    /// Something about one session that somebody should know.
    package struct Note: Hashable, Sendable {
        package enum Kind: String, Hashable, Sendable, CaseIterable {
            /// Somebody works on it in the target, or has: nothing was changed there.
            case leftAlone = "left_alone"
            /// The target does not have what the source has, though it was written.
            case different
            /// It changed in the source as often as it was copied.
            case moving
            /// It cannot be read, or the target does not take it.
            case refused
        }

        package let session: SessionID
        package let kind: Kind
        /// In a sentence.
        package let reason: String
    }

    /// Sessions of which something was copied.
    package internal(set) var sessions = 0
    package internal(set) var checkpoints = 0
    package internal(set) var jobs = 0
    /// Of the states that were copied.
    package internal(set) var bytes = 0
    /// Sessions that the target had as they are in the source.
    package internal(set) var alreadyThere = 0
    package private(set) var leftAlone = 0
    package private(set) var different = 0
    package private(set) var moving = 0
    package private(set) var refused = 0
    /// The first ones; the counts are of all.
    package private(set) var notes: [Note] = []
    /// Whether the target has all that the source has: of a session that was left alone, too.
    package private(set) var isComplete = true

    private static let mostNotes = 1000

    package init() {}

    /// Sessions that were looked at.
    package var seen: Int { sessions + alreadyThere + leftAlone + different + moving + refused }

    mutating func note(_ kind: Note.Kind, _ session: SessionID, _ reason: String, isComplete: Bool = false) {
        switch kind {
        case .leftAlone: leftAlone += 1
        case .different: different += 1
        case .moving: moving += 1
        case .refused: refused += 1
        }
        if !isComplete { self.isComplete = false }
        if notes.count < Self.mostNotes { notes.append(Note(session: session, kind: kind, reason: reason)) }
    }
}

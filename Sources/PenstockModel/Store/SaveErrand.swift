import Synchronization

/// What the queue has to do with a save, where the store stands in the queue's own server and does both in one step: that the claim is still
/// its holder's before the first, and the end of the job after the last.
///
/// Those between the queue and its server hand it on and know nothing of it. Only a store that a queue was told the ``StoreTraces`` of
/// is given one, and has to see to the condition; what is to follow it may leave: then the queue is asked apart.
package final class SaveErrand: Sendable {
    /// How it went.
    package enum Outcome: Sendable {
        /// The claim is no longer its holder's: nothing was written.
        case refused
        /// What was to follow the save was done, not before it was asked for then, and answered so.
        case answered(any Sendable, asked: ContinuousClock.Instant)
    }

    /// What to do, in the words of the client that the queue and the store both use.
    package let content: any Sendable
    private let state = Mutex<Outcome?>(nil)

    /// An errand that is still to be run.
    package init(_ content: any Sendable) {
        self.content = content
    }

    /// How it went, as far as that is known.
    package var outcome: Outcome? { state.withLock { $0 } }

    /// Notes how it went.
    package func end(_ outcome: Outcome) {
        state.withLock { $0 = outcome }
    }
}

/// Two are the same only if they are one.
extension SaveErrand: Hashable {
    package static func == (left: SaveErrand, right: SaveErrand) -> Bool { left === right }

    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

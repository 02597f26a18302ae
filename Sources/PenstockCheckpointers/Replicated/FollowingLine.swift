import PenstockModel

/// The writes that wait to be copied: in order within a session, sessions side by side, no more than there is room for.
struct FollowingLine<Write> {
    private struct Entry {
        let write: Write
        let bytes: Int
        let since: ContinuousClock.Instant
    }

    private let limits: FollowingLimits
    private var lines: [SessionID: [Entry]] = [:]
    /// Sessions that nobody copies now, in the order in which they began to wait.
    private var ready: [SessionID] = []
    /// Writes that wait, and those that room is kept for.
    private var count = 0
    private var bytes = 0

    init(_ limits: FollowingLimits) {
        self.limits = limits
    }

    var isEmpty: Bool { lines.isEmpty }

    /// Keeps room for a write that is about to be made.
    mutating func reserve(_ size: Int) -> Bool {
        guard count == 0 || (count < limits.writes && bytes + size <= limits.bytes) else { return false }
        count += 1
        bytes += size
        return true
    }

    /// Gives room back.
    mutating func release(_ size: Int) {
        count -= 1
        bytes -= size
    }

    /// A write that room was kept for.
    mutating func add(_ write: Write, of session: SessionID, bytes: Int, now: ContinuousClock.Instant) {
        if lines[session] == nil { ready.append(session) }
        lines[session, default: []].append(Entry(write: write, bytes: bytes, since: now))
    }

    /// The first write of the session that has waited longest; nobody else gets one of that session until ``end(_:)``.
    mutating func begin() -> (session: SessionID, write: Write)? {
        guard !ready.isEmpty else { return nil }
        let session = ready.removeFirst()
        guard let first = lines[session]?.first else { return nil }
        return (session, first.write)
    }

    /// The write that was begun needs no copying any more.
    mutating func end(_ session: SessionID) {
        guard var line = lines[session], let first = line.first else { return }
        release(first.bytes)
        line.removeFirst()
        lines[session] = line.isEmpty ? nil : line
        if !line.isEmpty { ready.append(session) }
    }

    func lag(now: ContinuousClock.Instant) -> FollowingLag {
        let entries = lines.values
        return FollowingLag(
            writes: entries.reduce(0) { $0 + $1.count }, sessions: entries.count,
            age: entries.compactMap { $0.first?.since }.min().map { now - $0 } ?? .zero)
    }
}

/// How far the standby is behind one worker.
package struct FollowingLag: Hashable, Sendable {
    /// How many acknowledged writes wait to be copied.
    package var writes: Int
    /// How many sessions they belong to.
    package var sessions: Int
    /// How long the oldest has waited.
    package var age: Duration
}

/// Standard error as lines: what goes to the log, within a budget, and the end of it, for an error's text.
struct ErrorLines {
    private let limits: ChildLimits
    private var line: [UInt8] = []
    private var cutBytes = 0
    private var tail: [UInt8] = []
    private var tailIsCut = false
    private var leftOut = 0
    private var budget: Int
    private var budgetedAt: ContinuousClock.Instant

    /// What a line costs beside its bytes, so that empty lines are not free.
    private static let lineCost = 64

    init(limits: ChildLimits, now: ContinuousClock.Instant) {
        self.limits = limits
        budget = limits.errorBurstBytes
        budgetedAt = now
    }

    mutating func take(_ bytes: ArraySlice<UInt8>, now: ContinuousClock.Instant, forward: (String) -> Void) {
        keepTail(of: bytes)
        refill(now)
        var rest = bytes
        while budget >= Self.lineCost, let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            append(rest[rest.startIndex..<end])
            endLine(forward)
            rest = rest[(end + 1)...]
        }
        if let end = rest.lastIndex(of: UInt8(ascii: "\n")) {
            leaveOut(rest[...end])
            rest = rest[(end + 1)...]
        }
        append(rest)
    }

    /// Hands on the last line if it has no end, and how many were left out.
    mutating func close(forward: (String) -> Void) {
        if !line.isEmpty { endLine(forward) }
        reportLeftOut(forward)
    }

    /// The last whole lines.
    var tailText: String {
        var kept = tail[...]
        if tailIsCut, let end = kept.firstIndex(of: UInt8(ascii: "\n")), end + 1 < kept.endIndex {
            kept = kept[(end + 1)...]
        }
        while let last = kept.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") {
            kept.removeLast()
        }
        return String(decoding: kept, as: UTF8.self)
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) {
        let room = max(0, limits.errorLineBytes - line.count)
        line.append(contentsOf: bytes.prefix(room))
        cutBytes += max(0, bytes.count - room)
    }

    private mutating func endLine(_ forward: (String) -> Void) {
        let cost = line.count + Self.lineCost
        if cost <= budget {
            budget -= cost
            reportLeftOut(forward)
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            let text = String(decoding: line, as: UTF8.self)
            forward(cutBytes == 0 ? text : "\(text)… (\(cutBytes) more bytes)")
        } else {
            leftOut += 1
        }
        line.removeAll(keepingCapacity: true)
        cutBytes = 0
    }

    /// Counts whole lines that the budget has nothing for: a flood must not cost what its lines would.
    private mutating func leaveOut(_ lines: ArraySlice<UInt8>) {
        leftOut += lines.count { $0 == UInt8(ascii: "\n") }
        line.removeAll(keepingCapacity: true)
        cutBytes = 0
    }

    private mutating func reportLeftOut(_ forward: (String) -> Void) {
        guard leftOut > 0 else { return }
        forward("(\(leftOut) lines of standard error were left out here)")
        leftOut = 0
    }

    private mutating func refill(_ now: ContinuousClock.Instant) {
        let seconds = (now - budgetedAt) / .seconds(1)
        let earned = Int(min(Double(limits.errorBurstBytes), seconds * Double(limits.errorBytesPerSecond)))
        guard earned > 0 else { return }
        budget = min(limits.errorBurstBytes, budget + earned)
        budgetedAt = now
    }

    private mutating func keepTail(of bytes: ArraySlice<UInt8>) {
        let excess = tail.count + bytes.count - limits.errorTailBytes
        if excess > 0 {
            tail.removeFirst(min(excess, tail.count))
            tailIsCut = true
        }
        tail.append(contentsOf: bytes.suffix(limits.errorTailBytes))
    }
}

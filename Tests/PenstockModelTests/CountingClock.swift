import PenstockModel
import Synchronization

/// Tells given times one after another, then the last for ever.
final class CountingClock: Sendable {
    private let times: [Int64]
    private let position = Mutex(0)

    init(_ times: [Int64]) {
        self.times = times
    }

    func next() -> Timestamp {
        let index = position.withLock { position in
            defer { position += 1 }
            return min(position, times.count - 1)
        }
        return Timestamp(microseconds: times[index])
    }
}

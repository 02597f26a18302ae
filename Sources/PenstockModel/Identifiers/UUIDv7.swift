import CPenstockPlatform
import Synchronization

/// Makes UUIDs of version 7 (RFC 9562, section 5.7), each greater than the one before: ids that grow with time keep
/// an index growing at one end.
///
/// Within a millisecond the 12 bits after the version count up from a random start (method 1 of section 6.2); when they run
/// out, or the clock steps back, the milliseconds go on from the greatest that was used.
package final class UUIDv7Source: Sendable {
    private struct Last {
        var milliseconds: UInt64 = 0
        var counter: UInt64 = 0
    }

    private let clock: WallClock
    private let last = Mutex(Last())

    package static let shared = UUIDv7Source(clock: .system)

    package init(clock: WallClock) {
        self.clock = clock
    }

    /// The next id, 36 lower-case characters.
    package func next() -> String {
        let now = UInt64(max(0, clock.now().microseconds / 1000))
        let (milliseconds, counter) = last.withLock { last in
            if now > last.milliseconds {
                last = Last(milliseconds: now, counter: penstock_random() % 0x800)
            } else if last.counter < 0xfff {
                last.counter += 1
            } else {
                last = Last(milliseconds: last.milliseconds + 1, counter: 0)
            }
            return (last.milliseconds, last.counter)
        }
        let high = milliseconds << 16 | 0x7000 | counter
        let low = penstock_random() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
        return Self.text(high, low)
    }

    private static func text(_ high: UInt64, _ low: UInt64) -> String {
        var characters: [UInt8] = []
        characters.reserveCapacity(36)
        func put(_ word: UInt64, nibbles: Range<Int>) {
            for nibble in nibbles {
                let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * nibble) & 0xf)
                characters.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
        put(high, nibbles: 0..<8)
        characters.append(UInt8(ascii: "-"))
        put(high, nibbles: 8..<12)
        characters.append(UInt8(ascii: "-"))
        put(high, nibbles: 12..<16)
        characters.append(UInt8(ascii: "-"))
        put(low, nibbles: 0..<4)
        characters.append(UInt8(ascii: "-"))
        put(low, nibbles: 4..<16)
        return String(decoding: characters, as: UTF8.self)
    }
}

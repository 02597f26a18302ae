import CPenstockPlatform
import Glibc
import Synchronization

/// The signals that a process is sent by whoever runs it.
package enum Signals {
    package enum Signal: Int32, Hashable, Sendable, CaseIterable {
        case hangUp = 1
        case interrupt = 2
        case terminate = 15
    }

    private static let listeners = Mutex<[(signals: Set<Signal>, stream: AsyncStream<Signal>.Continuation)]>(
        [])
    /// Made once: the pipe that the handlers write into, watched for the rest of the process's life.
    private static let hearing: Void = {
        let descriptor = penstock_hearing()
        guard descriptor >= 0 else { fatalError("signals cannot be heard: \(text(ofError: errno))") }
        _ = EventLoop.shared.watch(descriptor, for: .readable) { deliver(from: descriptor) }
    }()

    /// Each of these signals from now on, as it comes; they no longer do what they do by default, even when
    /// the stream has ended.
    package static func heard(_ signals: Set<Signal>) -> AsyncStream<Signal> {
        hearing
        let (stream, continuation) = AsyncStream.makeStream(of: Signal.self)
        listeners.withLock { $0.append((signals, continuation)) }
        for signal in signals { penstock_hear(signal.rawValue) }
        return stream
    }

    /// Writing to a closed connection becomes an error of that write instead of the end of the process.
    /// Programs that we start get the default back.
    package static func ignoreBrokenPipe() {
        penstock_ignore(SIGPIPE)
    }

    private static func deliver(from descriptor: Int32) {
        var numbers = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &numbers, numbers.count)
        for number in numbers.prefix(max(0, count)) {
            guard let signal = Signal(rawValue: Int32(number)) else { continue }
            listeners.withLock { listeners in
                listeners.removeAll { listener in
                    guard listener.signals.contains(signal) else { return false }
                    if case .terminated = listener.stream.yield(signal) { return true }
                    return false
                }
            }
        }
    }
}

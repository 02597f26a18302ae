import Glibc
import Testing

@testable import PenstockPlatform

@Suite(.timeLimit(.minutes(1)))
struct SignalsTests {
    @Test func `signals are heard in their order, by everyone who listens`() async {
        await #expect(processExitsWith: .success) {
            let all = Signals.heard([.terminate, .interrupt, .hangUp])
            let one = Signals.heard([.interrupt])
            kill(getpid(), SIGTERM)
            kill(getpid(), SIGINT)
            var heard: [Signals.Signal] = []
            for await signal in all {
                heard.append(signal)
                if heard.count == 2 { break }
            }
            for await signal in one {
                heard.append(signal)
                break
            }
            exit(Set(heard) == [.terminate, .interrupt] && heard.count == 3 ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }

    @Test func `a signal that nobody listens to does what it always did`() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            _ = Signals.heard([.interrupt])
            kill(getpid(), SIGTERM)
            while true { pause() }
        }
    }

    @Test func `a broken pipe is an error and not the end`() async {
        await #expect(processExitsWith: .success) {
            Signals.ignoreBrokenPipe()
            var ends: [Int32] = [-1, -1]
            pipe(&ends)
            close(ends[0])
            let count = write(ends[1], [1], 1)
            exit(count == -1 && errno == EPIPE ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }
}

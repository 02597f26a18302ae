import Glibc
import Synchronization
import Testing

@testable import PenstockPlatform

struct DedicatedThreadTests {
    @Test func `a thread runs its body to the end, under its name, and is joined`() {
        let name = Mutex("")
        let thread = DedicatedThread(name: "penstock-a-long-name") {
            let descriptor = open("/proc/thread-self/comm", O_RDONLY | O_CLOEXEC)
            var buffer = [UInt8](repeating: 0, count: 16)
            let count = read(descriptor, &buffer, buffer.count)
            close(descriptor)
            name.withLock { $0 = Array(buffer.prefix(max(0, count))).text }
        }
        thread.join()
        thread.join()
        #expect(name.withLock { $0 } == "penstock-a-long\n")
    }

    @Test func `a thread that nobody joins goes on`() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
        _ = DedicatedThread(name: "loose") { continuation.yield(1) }
        for await number in stream {
            #expect(number == 1)
            break
        }
    }
}

import Glibc
import PenstockExecutors
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SocketLoopTests {
    @Test func `tasks that prefer it, and calls, run on one thread as long as it is kept`() async {
        let loop = SocketLoop()
        loop.keep()
        #expect(!loop.isCurrent)
        var threads: Set<pthread_t> = []
        for _ in 0..<100 {
            let (task, isCurrent) = await Task(executorPreference: loop) { (pthread_self(), loop.isCurrent) }
                .value
            let call = await withCheckedContinuation { continuation in
                loop.post { continuation.resume(returning: pthread_self()) }
            }
            #expect(isCurrent)
            threads.formUnion([task, call])
        }
        #expect(threads.count == 1)
        #expect(!threads.contains(pthread_self()))
        loop.letGo()
    }

    @Test func `its thread ends when nobody keeps it, and another serves what comes later`() async {
        weak var ended: SocketLoop?
        do {
            let loop = SocketLoop()
            ended = loop
            loop.keep()
            loop.keep()
            _ = await Task(executorPreference: loop) { pthread_self() }.value
            loop.letGo()
            loop.letGo()
            #expect(await Task(executorPreference: loop) { loop.isCurrent }.value)
        }
        // Its thread is the last that holds it.
        while ended != nil { await Task.yield() }
    }

    /// Readable once it is asked to be.
    private final class Member: LoopMember, @unchecked Sendable {
        private let descriptor: Int32
        private let heard: @Sendable () -> Void
        private(set) var hasLeft = false
        let alarm: ContinuousClock.Instant?

        init(
            _ descriptor: Int32, alarm: ContinuousClock.Instant? = nil, heard: @escaping @Sendable () -> Void
        ) {
            self.descriptor = descriptor
            self.alarm = alarm
            self.heard = heard
        }

        var interest: pollfd { pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0) }
        func takeInbox() {}
        func goOn() {}
        func refuseRest() {}

        func handle(_ events: Int16) -> Int {
            leave()
            return 1
        }

        func ringAlarm() {
            if let alarm, alarm <= .now, !hasLeft { leave() }
        }

        private func leave() {
            hasLeft = true
            heard()
        }
    }

    @Test func `a member is served when its socket has something, or its time is up`() async throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let (reading, writing) = (ends[0], ends[1])
        let loop = SocketLoop()
        loop.keep()
        await withCheckedContinuation { continuation in
            serve(Member(reading) { continuation.resume() }, on: loop)
            // By then the thread waits for the pipe, or is about to.
            loop.post { _ = write(writing, "x", 1) }
        }
        var byte: UInt8 = 0
        #expect(read(reading, &byte, 1) == 1)
        let due = ContinuousClock.now + .milliseconds(20)
        await withCheckedContinuation { continuation in
            serve(Member(reading, alarm: due) { continuation.resume() }, on: loop)
        }
        #expect(ContinuousClock.now >= due)
        loop.letGo()
    }

    private func serve(_ member: Member, on loop: SocketLoop) {
        if case .asleep = loop.notice(member) { loop.ring() }
    }
}

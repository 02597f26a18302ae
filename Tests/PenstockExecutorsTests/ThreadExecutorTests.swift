import Dispatch
import Foundation
import Glibc
import PenstockExecutors
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ThreadExecutorTests {
    actor Seat {
        nonisolated let executor = ThreadExecutor(name: "seat")
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
        private(set) var count = 0

        func countUp() { count += 1 }
        func thread() -> pthread_t { pthread_self() }
        func wait(for semaphore: DispatchSemaphore) { semaphore.wait() }
    }

    @Test
    func `an actor runs on the executor's one thread`() async {
        let seat = Seat()
        let first = await seat.thread()
        let second = await seat.thread()
        let called = await seat.executor.run { pthread_self() }
        #expect(first == second)
        #expect(first == called)
        await seat.executor.shutDown()
    }

    @Test
    func `a task that prefers the thread goes on there, between the calls`() async {
        let executor = ThreadExecutor(name: "tasks")
        let thread = await executor.run { pthread_self() }
        let threads = await Task(executorPreference: executor.tasks) {
            var threads = [pthread_self()]
            for _ in 0..<100 {
                threads.append(await executor.run { pthread_self() })
                threads.append(pthread_self())
            }
            return threads
        }.value
        #expect(Set(threads) == [thread])
        await executor.shutDown()
    }

    @Test
    func `calls and an actor's own jobs exclude each other`() async {
        let seat = Seat()
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<500 { await seat.countUp() } }
                group.addTask {
                    for _ in 0..<500 { await seat.executor.run { seat.assumeIsolated { $0.countUp() } } }
                }
            }
        }
        #expect(await seat.count == 8_000)
        await seat.executor.shutDown()
    }

    @Test
    func `work runs in the order in which it was handed over`() async {
        let executor = ThreadExecutor(name: "order")
        let seen = Mutex<[Int]>([])
        for number in 0..<100 { await executor.run { seen.withLock { $0.append(number) } } }
        #expect(seen.withLock { $0 } == Array(0..<100))
        await executor.shutDown()
    }

    @Test
    func `what a call throws arrives as its own type`() async {
        struct Refusal: Error, Equatable { let number: Int }
        let executor = ThreadExecutor(name: "throws")
        do throws(Refusal) {
            try await executor.run { () throws(Refusal) in throw Refusal(number: 7) }
            Issue.record("nothing was thrown")
        } catch {
            #expect(error == Refusal(number: 7))
        }
        await executor.shutDown()
    }

    @Test
    func `64 blocked calls leave the cooperative pool free`() async {
        let seats = (0..<64).map { _ in Seat() }
        let gate = DispatchSemaphore(value: 0)
        await withTaskGroup { group in
            for seat in seats { group.addTask { await seat.wait(for: gate) } }
            // Only the pool can open the gate: were it blocked, this would never end.
            let sum = await withTaskGroup(of: Int.self) { sums in
                for number in 0..<1_000 {
                    sums.addTask {
                        await Task.yield(); return number
                    }
                }
                return await sums.reduce(0, +)
            }
            #expect(sum == 499_500)
            for _ in seats { gate.signal() }
        }
        for seat in seats { await seat.executor.shutDown() }
    }

    @Test
    func `shutting down waits for what was handed over, then the thread is gone`() async throws {
        let seat = Seat()
        let gate = DispatchSemaphore(value: 0)
        let thread = await seat.executor.run {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
        }
        await withTaskGroup { group in
            group.addTask { await seat.wait(for: gate) }
            for _ in 0..<10 { group.addTask { await seat.countUp() } }
            group.addTask { gate.signal() }
        }
        await seat.executor.shutDown()
        #expect(try !FileManager.default.fileExists(atPath: "/proc/" + #require(thread)))
        #expect(await seat.count == 10)
    }

    @Test
    func `shutting down twice, at once or unused, ends all the same, and leaves no thread`() async throws {
        let executor = ThreadExecutor(name: "twice")
        await executor.run {}
        await withTaskGroup { group in
            for _ in 0..<4 { group.addTask { await executor.shutDown() } }
        }
        await executor.shutDown()
        await ThreadExecutor(name: "unused").shutDown()
        let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").map {
            // One that ends meanwhile has no name any more.
            FileManager.default.contents(atPath: "/proc/self/task/\($0)/comm") ?? Data()
        }
        #expect(!threads.contains(Data("twice\n".utf8)) && !threads.contains(Data("unused\n".utf8)))
    }

    @Test
    func `what comes after the end still runs, one at a time`() async {
        let seat = Seat()
        await seat.countUp()
        await seat.executor.shutDown()
        await withTaskGroup { group in
            for _ in 0..<100 { group.addTask { await seat.countUp() } }
        }
        #expect(await seat.count == 101)
    }

    @Test
    func `an executor that was told to end leaves nothing behind`() async {
        // The thread may end before it is waited for, or after: many rounds meet both.
        for _ in 0..<1_000 {
            weak var gone: ThreadExecutor?
            do {
                let executor = ThreadExecutor(name: "forgotten")
                gone = executor
                await executor.run { executor.endWhenDone() }
                await executor.shutDown()
            }
            #expect(gone == nil)
        }
    }

    @Test
    func `the thread carries the executor's name`() async {
        let executor = ThreadExecutor(name: "a-name-longer-than-linux-takes")
        let name = await executor.run {
            var buffer = [UInt8](repeating: 0, count: 32)
            let file = open("/proc/thread-self/comm", O_RDONLY)
            let count = read(file, &buffer, buffer.count)
            close(file)
            return String(decoding: buffer.prefix(max(count - 1, 0)), as: UTF8.self)
        }
        #expect(name == "a-name-longer-t")
        await executor.shutDown()
    }
}

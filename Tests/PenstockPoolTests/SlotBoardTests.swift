import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockRedis
import Testing

@testable import PenstockPool
@testable import PenstockQueue

@Suite struct SlotBoardTests {
    private let board = SlotBoard(count: 2)
    private let far = ContinuousClock.now + .seconds(3600)

    private func claim(_ number: String, session: String = "s") -> Claim {
        Claim(
            kind: session.isEmpty ? .unreadable : .job, number: number, queue: "default", message: [],
            id: number,
            session: session, attempts: 0, crashes: 0, crashBase: 0, crashStep: 0, isCancelled: false,
            isFirst: false, isUnseen: false)
    }

    @Test func `a slot is free again when its work returns`() async throws {
        let release = Signal()
        board.start(claim("1"), lockedUntil: far) { _ in await release.waitStubbornly() }
        board.start(claim("2"), lockedUntil: far) { _ in await release.waitStubbornly() }
        #expect(board.freeCount == 0 && board.busyCount == 2)
        #expect(board.standing { 7 }.claims.sorted() == ["1", "2"])
        release.send()
        await board.waitForFree()
        #expect(await board.waitForIdle(atMost: .seconds(30)))
        #expect(board.freeCount == 2)
        #expect(board.standing { 7 }.claims.isEmpty)
    }

    @Test func `waiting for idleness ends at its limit, and the next wait has a limit of its own`()
        async throws
    {
        let release = Signal()
        board.start(claim("1"), lockedUntil: far) { _ in await release.waitStubbornly() }
        #expect(await !board.waitForIdle(atMost: .milliseconds(1)))
        async let idle = board.waitForIdle(atMost: .seconds(60))
        release.send()
        #expect(await idle)
    }

    @Test func `halting ends the wait, and cancels what works and what is started later`() async throws {
        let cancelled = [Signal(), Signal()]
        let started = Signal()
        let never = Signal()
        board.start(claim("1"), lockedUntil: far) { _ in
            started.send()
            do { try await never.wait() } catch { cancelled[0].send() }
        }
        try await started.wait()
        board.halt()
        board.start(claim("2"), lockedUntil: far) { _ in
            do { try await never.wait() } catch { cancelled[1].send() }
        }
        for signal in cancelled { try await signal.wait() }
        #expect(await board.waitForIdle(atMost: .seconds(30)))
        await board.waitForFree()
    }

    @Test func `a lost lock stops the job that held it, no other, and not while its claim is settled`()
        async throws
    {
        let stopped = [Signal(), Signal()]
        let never = Signal()
        for index in 0...1 {
            board.start(claim("\(index)", session: "s\(index)"), lockedUntil: far) { slot in
                do { try await never.wait() } catch { stopped[index].send() }
            }
        }
        let locks = board.locks
        // Slots are given from 0.
        board.settles(0, true)
        #expect(board.renew(locks, lost: ["0"], until: far).isEmpty)
        board.settles(0, false)
        #expect(board.renew(locks, lost: ["0"], until: far) == ["s0"])
        #expect(board.renew(locks, lost: ["0"], until: far).isEmpty)
        try await stopped[0].wait()
        #expect(!stopped[1].isSent)
        #expect(board.stopUnlocked(before: far + .seconds(1)) == ["s1"])
        try await stopped[1].wait()
    }

    @Test func `what holds no lock is not stopped for one`() async throws {
        let release = Signal()
        board.start(claim("1", session: ""), lockedUntil: .now - .seconds(60)) { _ in
            await release.waitStubbornly()
        }
        #expect(board.locks.isEmpty)
        #expect(board.stopUnlocked(before: far).isEmpty)
        #expect(board.standing { 0 }.handlesUnlocked)
        release.send()
        _ = await board.waitForIdle(atMost: .seconds(30))
        #expect(!board.standing { 0 }.handlesUnlocked)
    }

    @Test func `an announced claim stands on the board from the moment it has a number`() async throws {
        let release = Signal()
        board.start(claim("1"), lockedUntil: far) { _ in await release.waitStubbornly() }
        #expect(board.announce(by: 0, drawing: { "w:5" }) == "w:5")
        #expect(board.standing { 5 }.claims.sorted() == ["1", "w:5"])
        board.goOn(0, with: claim("w:5"), lockedUntil: far)
        #expect(board.standing { 5 }.claims == ["w:5"])
        board.requestStop()
        #expect(board.announce(by: 0, drawing: { "w:6" }) == nil)
        release.send()
    }

    @Test func `a slot goes on with its session for so many jobs, and then looks at the queue`() async throws
    {
        let release = Signal()
        board.start(claim("1"), lockedUntil: far) { _ in await release.waitStubbornly() }
        for number in 2...SlotBoard.longestChain {
            #expect(board.announce(by: 0, drawing: { "\(number)" }) == "\(number)")
            board.goOn(0, with: claim("\(number)"), lockedUntil: far)
        }
        #expect(board.announce(by: 0, drawing: { "one more" }) == nil)
        release.send()
    }

    /// The end of the claim "1".
    private func completion(_ errand: SaveErrand? = nil) -> Completion {
        let calls = QueueCalls(
            keys: QueueKeys(), worker: WorkerID(host: "h", pid: 1), queues: ["default"],
            settings: QueueSettings())
        let end = Settlement.done(result: [])
        return Completion(
            settlement: end, call: calls.settle(claim("1"), as: end, slot: 0, next: nil), asked: .now,
            errand: errand)
    }

    @Test
    func `an end that was asked for with a save keeps the slot from being stopped until it is withdrawn`()
        async throws
    {
        let release = Signal()
        board.start(claim("1"), lockedUntil: far) { _ in await release.waitStubbornly() }
        _ = board.announce(by: 0, drawing: { "2" })
        board.complete(0, by: completion())
        #expect(board.completion(of: 0) != nil)
        #expect(board.renew(board.locks, lost: ["1"], until: far).isEmpty)
        board.withdrawCompletion(of: 0)
        #expect(board.completion(of: 0) == nil)
        #expect(board.standing { 2 }.claims == ["1"])
        #expect(board.renew(board.locks, lost: ["1"], until: far) == ["s"])
        release.send()
    }

    @Test
    func
        `an end that may have been made keeps what it announced on the board, and nothing else is announced`()
        async throws
    {
        let release = Signal()
        board.start(claim("1"), lockedUntil: far) { _ in await release.waitStubbornly() }
        for isAnswered in [false, true] {
            _ = board.announce(by: 0, drawing: { "2" })
            let errand = SaveErrand("")
            board.complete(0, by: completion(errand))
            if isAnswered { errand.end(.refused) }
            board.withdrawCompletion(of: 0)
            #expect((board.doubtedCompletion(of: 0) == nil) == isAnswered)
            #expect(board.standing { 2 }.claims == (isAnswered ? ["1"] : ["1", "2"]))
            #expect((board.announce(by: 0, drawing: { "3" }) == nil) == !isAnswered)
        }
        board.goOn(0, with: claim("3"), lockedUntil: far)
        #expect(board.doubtedCompletion(of: 0) == nil)
        release.send()
    }

    // MARK: - Alone

    @Test func `a slot is alone once the others have ended, and then none is filled`() async throws {
        let release = Signal()
        let alone = Signal()
        let end = Signal()
        board.start(claim("1", session: "a"), lockedUntil: far) { _ in await release.waitStubbornly() }
        board.start(claim("2", session: "b"), lockedUntil: far) { slot in
            if await self.board.beAlone(slot) { alone.send() }
            await end.waitStubbornly()
        }
        release.send()
        try await alone.wait()
        #expect(board.busyCount == 1)
        #expect(board.beginClaiming() == 0)
        board.endClaiming()
        end.send()
        #expect(await board.waitForIdle(atMost: .seconds(30)))
        #expect(board.freeCount == 2)
    }

    @Test func `nobody is alone while claims are under way`() async throws {
        let alone = Signal()
        let asked = Signal()
        #expect(board.beginClaiming() == 2)
        board.start(claim("1"), lockedUntil: far) { slot in
            asked.send()
            if await self.board.beAlone(slot) { alone.send() }
        }
        try await asked.wait()
        #expect(!alone.isSent)
        board.endClaiming()
        try await alone.wait()
    }

    @Test(arguments: ["stopped", "halted", "its lock is lost"])
    func `a slot that waits to be alone is told when it has to stop`(_ way: String) async throws {
        let other = Signal()
        let told = Signal()
        board.start(claim("1", session: "a"), lockedUntil: far) { _ in await other.waitStubbornly() }
        board.start(claim("2", session: "b"), lockedUntil: far) { slot in
            if await !self.board.beAlone(slot) { told.send() }
        }
        switch way {
        case "stopped": board.requestStop()
        case "halted": board.halt()
        default: _ = board.renew(board.locks, lost: ["2"], until: far)
        }
        try await told.wait()
        other.send()
    }
}

@Suite struct DoorbellTests {
    @Test func `a ring while nobody waits is kept, an element rather than a lull`() async {
        let bell = Doorbell()
        bell.ring(.lull)
        bell.ring(.element)
        bell.ring(.lull)
        #expect(await bell.wait() == .element)
        async let next = bell.wait()
        bell.ring(.lull)
        #expect(await next == .lull)
    }
}

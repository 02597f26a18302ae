import Testing

@testable import PenstockPlatform

struct ChildLifetimeTests {
    private var lifetime = ChildLifetime(limits: ChildLimits())
    private let now = ContinuousClock.now

    @Test mutating func `it finishes when the program has exited and its output has ended, in either order`()
    {
        var other = lifetime
        #expect(lifetime.exited(now: now) == .nothing)
        #expect(lifetime.deadline == now + .seconds(1))
        #expect(lifetime.outputEnded() == .finish)
        #expect(lifetime.deadline == nil)
        #expect(other.outputEnded() == .nothing)
        #expect(other.exited(now: now) == .finish)
    }

    @Test mutating func `it finishes once, whatever comes later`() {
        _ = lifetime.exited(now: now)
        #expect(lifetime.outputEnded() == .finish)
        #expect(lifetime.terminate(now: now) == .nothing)
        #expect(lifetime.kill() == .nothing)
        #expect(lifetime.deadlinePassed(now: now) == .nothing)
    }

    @Test mutating func `output that others hold open is not waited for beyond the grace`() {
        _ = lifetime.exited(now: now)
        #expect(lifetime.deadlinePassed(now: now) == .finish)
    }

    @Test mutating func `TERM comes first and KILL after the grace`() {
        #expect(lifetime.terminate(now: now) == .terminate)
        #expect(lifetime.deadline == now + .seconds(5))
        #expect(lifetime.terminate(now: now) == .nothing)
        #expect(lifetime.deadlinePassed(now: now) == .kill)
        #expect(lifetime.exited(now: now) == .finish)
    }

    @Test mutating func `what the program started may use the grace, too`() {
        _ = lifetime.terminate(now: now)
        #expect(lifetime.exited(now: now) == .nothing)
        #expect(lifetime.deadline == now + .seconds(5))
        #expect(lifetime.deadlinePassed(now: now) == .finish)
    }

    @Test mutating func `a program that is closed may end by itself, then gets TERM, then KILL`() {
        lifetime.close(now: now)
        #expect(lifetime.deadline == now + .seconds(1))
        #expect(lifetime.deadlinePassed(now: now) == .terminate)
        #expect(lifetime.deadlinePassed(now: now) == .kill)
    }
}

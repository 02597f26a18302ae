import Testing

@testable import PenstockCheckpointers

/// What a pair does next, by what its two stores answered and when they were asked.
struct PairJudgementTests {
    private let start = ContinuousClock.now
    private var judgement = PairJudgement(PairSettings(failbackDelay: .seconds(300)))

    private let joining = PairStanding(term: 1, active: .primary, standby: .joining)
    private let complete = PairStanding(term: 2, active: .primary, standby: .complete)

    private func moment(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    /// An answer to a question that was asked a while before.
    private mutating func saw(
        _ noted: PairStanding?, at place: PairStanding.Place, asked: Int, now: Int
    ) {
        judgement.saw(noted, at: place, asked: moment(asked), now: moment(now))
    }

    private mutating func bothSaw(_ standing: PairStanding, now: Int) {
        saw(standing, at: .primary, asked: now, now: now)
        saw(standing, at: .secondary, asked: now, now: now)
    }

    @Test mutating func `an answer that is older than the standing is no loss`() {
        // Others have founded the pair between the two answers.
        saw(nil, at: .primary, asked: 1, now: 2)
        saw(complete, at: .secondary, asked: 1, now: 3)
        #expect(!judgement.hasLost(.primary))
        #expect(judgement.step(now: moment(3)) == .ask(.primary))
        saw(complete, at: .primary, asked: 3, now: 4)
        #expect(judgement.agreed == complete)
        #expect(judgement.step(now: moment(4)) == nil)
    }

    @Test mutating func `an answer that was under way while the standing was noted there is no loss`() {
        bothSaw(joining, now: 1)
        judgement.learn(complete, at: .primary, now: moment(2))
        // Asked at 3, when the standing was known, answered before it was noted, heard of after that.
        judgement.learn(complete, at: .secondary, now: moment(4))
        saw(joining, at: .secondary, asked: 3, now: 5)
        #expect(!judgement.hasLost(.secondary))
        #expect(judgement.agreed == complete)
        #expect(judgement.step(now: moment(5)) == nil)
        saw(joining, at: .secondary, asked: 6, now: 6)
        #expect(judgement.hasLost(.secondary))
    }

    @Test mutating func `a standby is given up when it has been away for as long as two looks are apart`() {
        bothSaw(joining, now: 1)
        judgement.missed(.secondary, now: moment(2))
        #expect(judgement.step(now: moment(6)) == nil)
        judgement.missed(.secondary, now: moment(7))
        #expect(judgement.step(now: moment(7)) == .raise(joining.next(.alone), at: [.primary]))
    }

    @Test mutating func `a store that notes nothing beside a complete one has lost it`() {
        saw(complete, at: .secondary, asked: 1, now: 2)
        saw(nil, at: .primary, asked: 2, now: 3)
        #expect(judgement.hasLost(.primary))
        let next = PairStanding(term: 3, active: .secondary, standby: .alone)
        #expect(judgement.step(now: moment(3)) == .raise(next, at: [.secondary]))
    }

    @Test mutating func `a standby that notes something from long ago has lost it too`() {
        let later = PairStanding(term: 9, active: .primary, standby: .complete)
        saw(later, at: .primary, asked: 1, now: 2)
        saw(complete, at: .secondary, asked: 2, now: 3)
        #expect(
            judgement.step(now: moment(3))
                == .raise(
                    PairStanding(term: 10, active: .primary, standby: .joining), at: [.primary, .secondary]))
    }

    @Test mutating func `a standby that was not told yet has lost nothing`() {
        saw(complete, at: .primary, asked: 1, now: 2)
        saw(joining, at: .secondary, asked: 2, now: 3)
        #expect(judgement.step(now: moment(3)) == .raise(complete, at: [.primary, .secondary]))
    }

    @Test
    mutating func `an active store that lost everything while the standby joins waits for the operator`() {
        bothSaw(joining, now: 1)
        #expect(judgement.step(now: moment(1)) == .copy(joining))
        saw(nil, at: .primary, asked: 2, now: 2)
        #expect(judgement.hasLost(.primary))
        #expect(judgement.agreed == nil)
        #expect(judgement.step(now: moment(2)) == nil)
    }

    @Test mutating func `an active store that lost everything while it was alone waits for the operator`() {
        bothSaw(complete, now: 1)
        saw(complete.next(.alone), at: .primary, asked: 2, now: 2)
        saw(complete, at: .secondary, asked: 2, now: 2)
        saw(nil, at: .primary, asked: 3, now: 3)
        #expect(judgement.step(now: moment(1_000)) == nil)
    }

    @Test mutating func `a standby takes over only from a store that was seen lately`() {
        saw(complete, at: .secondary, asked: 1, now: 1)
        judgement.missed(.primary, now: moment(0))
        #expect(judgement.step(now: moment(2)) == nil)
        saw(complete, at: .primary, asked: 3, now: 3)
        judgement.missed(.primary, now: moment(0))
        let next = PairStanding(term: 3, active: .secondary, standby: .alone)
        #expect(judgement.step(now: moment(4)) == .raise(next, at: [.secondary]))
    }

    @Test mutating func `a store that was seen directly before it was made active may be taken over from`() {
        bothSaw(PairStanding(term: 4, active: .secondary, standby: .joining), now: 1)
        saw(PairStanding(term: 5, active: .primary, standby: .complete), at: .secondary, asked: 2, now: 2)
        judgement.missed(.primary, now: moment(0))
        let next = PairStanding(term: 6, active: .secondary, standby: .alone)
        #expect(judgement.step(now: moment(3)) == .raise(next, at: [.secondary]))
    }

    @Test mutating func `the primary is joined when it has answered for long enough`() {
        let alone = PairStanding(term: 3, active: .secondary, standby: .alone)
        saw(alone, at: .secondary, asked: 1, now: 1)
        saw(complete, at: .primary, asked: 0, now: 1)
        #expect(judgement.step(now: moment(10)) == .ask(.primary))
        saw(complete, at: .primary, asked: 10, now: 10)
        #expect(judgement.step(now: moment(300)) == nil)
        #expect(judgement.step(now: moment(301)) == .raise(alone.next(.joining), at: [.secondary, .primary]))
        judgement.missed(.primary, now: moment(0))
        saw(complete, at: .primary, asked: 302, now: 302)
        #expect(judgement.step(now: moment(303)) == nil)
    }
}

import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockRedis
import Testing

@testable import PenstockPool
@testable import PenstockQueue

private let start = ContinuousClock.now

private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

@Suite final class DeathWatchTests {
    private var watch = DeathWatch(patience: .seconds(10), longestGap: .seconds(2))

    private func dead(_ beats: [String: String], at seconds: Double) -> [String] {
        watch.look(at: beats, now: at(seconds)).map(\.worker)
    }

    @Test func `a heart that stands still for the whole patience is dead, and its beat is told`() {
        for second in 0..<10 { #expect(dead(["w": "7"], at: Double(second)).isEmpty) }
        let told = watch.look(at: ["w": "7"], now: at(10))
        #expect(told.map(\.worker) == ["w"] && told.map(\.beat) == ["7"])
        // It stays dead until it is reaped.
        #expect(dead(["w": "7"], at: 11) == ["w"])
    }

    @Test func `a single beat starts the count anew`() {
        for second in 0..<10 { _ = dead(["w": "7"], at: Double(second)) }
        for second in 10..<20 { #expect(dead(["w": "8"], at: Double(second)).isEmpty) }
        #expect(dead(["w": "8"], at: 20) == ["w"])
    }

    @Test func `a judge who looked away starts anew`() {
        for second in 0..<9 { _ = dead(["w": "7"], at: Double(second)) }
        for second in 20..<30 { #expect(dead(["w": "7"], at: Double(second)).isEmpty) }
        #expect(dead(["w": "7"], at: 30) == ["w"])
    }

    @Test func `a worker that left and came back is not judged by what was seen before`() {
        for second in 0..<9 { _ = dead(["w": "1"], at: Double(second)) }
        _ = dead([:], at: 9)
        for second in 10..<20 { #expect(dead(["w": "1"], at: Double(second)).isEmpty) }
    }

    @Test func `the first by name whose heart beats reaps, and hands over when it falls silent`() {
        _ = dead(["a": "1", "b": "1"], at: 0)
        #expect(watch.reaper(at: at(1)) == "a")
        for second in 1..<7 { _ = dead(["a": "1", "b": "\(second)"], at: Double(second)) }
        #expect(watch.reaper(at: at(6.7)) == "b")
        #expect(watch.isInSuspense(at: at(6.7), beatInterval: .seconds(3.3)))
        #expect(!watch.isInSuspense(at: at(4.9), beatInterval: .seconds(3.3)))
    }

    @Test func `each worker is judged by itself`() {
        for second in 0..<10 { _ = dead(["a": "1", "b": "\(second)"], at: Double(second)) }
        #expect(dead(["a": "1", "b": "10", "c": "1"], at: 10) == ["a"])
    }
}

@Suite final class RhythmTests {
    private var settings = HeartSettings()
    private var rhythm: Rhythm

    init() {
        settings.beatInterval = .seconds(3)
        settings.surveyInterval = .milliseconds(200)
        rhythm = Rhythm(settings: settings, now: at(0))
    }

    private func differs(_ listed: Int, _ running: Int) -> Bool {
        rhythm.differs(listed: listed, running: running)
    }
    private func noteSuccess() -> Bool { rhythm.noteSuccess() }
    private func noteFailure() -> Bool { rhythm.noteFailure() }

    @Test func `it beats and looks at once, and then each in its interval`() {
        #expect(rhythm.isBeatDue(at: at(0)) && rhythm.isSurveyDue(at: at(0)))
        rhythm.didBeat(at: at(0))
        rhythm.didSurvey(at: at(0), mayHaveMore: false)
        #expect(!rhythm.isBeatDue(at: at(2.9)) && rhythm.isBeatDue(at: at(3)))
        #expect(!rhythm.isSurveyDue(at: at(0.1)) && rhythm.isSurveyDue(at: at(0.2)))
        #expect(rhythm.pause(at: at(0.1)) == .milliseconds(100))
        #expect(rhythm.pause(at: at(9)) == .zero)
    }

    @Test func `a beat that failed is made again soon`() {
        rhythm.failedToBeat(at: at(0))
        #expect(rhythm.isBeatDue(at: at(0.25)))
    }

    @Test func `a look that found as much as it could carry is followed by another at once`() {
        rhythm.didSurvey(at: at(0), mayHaveMore: true)
        #expect(rhythm.isSurveyDue(at: at(0)))
    }

    @Test func `lists and board have to differ twice in a row`() {
        #expect(!differs(3, 2))
        #expect(!differs(2, 2))
        #expect(!differs(1, 2))
        #expect(differs(1, 2))
        #expect(!differs(1, 2))
    }

    @Test func `trouble is told once, and so is its end`() {
        #expect(!noteSuccess())
        #expect(noteFailure())
        #expect(!noteFailure())
        #expect(noteSuccess())
        #expect(!noteSuccess())
    }
}

extension Claim {
    fileprivate static func sample(
        _ message: String = #"{"flow":"line","id":"j","session_id":"s"}"#, kind: Kind = .job,
        id: String = "j",
        session: String = "s", crashes: Int = 0, crashBase: Int = 0, crashStep: Int = 0
    ) -> Claim {
        Claim(
            kind: kind, number: "w:1", queue: "default", message: Array(message.utf8), id: id,
            session: session, attempts: 0, crashes: crashes, crashBase: crashBase, crashStep: crashStep,
            isCancelled: false, isFirst: false, isUnseen: false)
    }
}

@Suite struct CrashCountTests {
    private func count(_ crashes: Int, base: Int = 0, step: Int = 0, head: Int) -> CrashCount {
        CrashCount(of: .sample(crashes: crashes, crashBase: base, crashStep: step), head: head)
    }

    @Test func `without a crash there is nothing to count, however far the session has come`() {
        #expect(count(0, head: 50).count == 0)
        #expect(count(0, head: 50).progress == nil)
    }

    @Test func `crashes at the same step add up`() {
        #expect(count(1, head: 0).count == 1)
        #expect(count(3, head: 0).count == 3)
        // The session had come that far before the job.
        let first = count(1, head: 50)
        #expect(first.count == 1 && first.progress == 50)
        #expect(count(2, base: 0, step: 50, head: 50).count == 2)
        #expect(count(3, base: 0, step: 50, head: 50).count == 3)
    }

    @Test func `a step further, only the last crash counts, and that is noted`() {
        let further = count(2, base: 0, step: 1, head: 2)
        #expect(further.count == 1 && further.progress == 2)
        #expect(count(3, base: 1, step: 2, head: 2).count == 2)
    }
}

@Suite struct AdmissionTests {
    private let flows = Dictionary(uniqueKeysWithValues: [("line" as FlowName, line().runner)])

    private func admission(_ claim: Claim) -> String {
        switch Admission(claim, flows: flows, maxBytes: 1000) {
        case .bury(let burial): "\(burial.reason): \(burial.error)"
        case .awaitAnother(let sentence, _, _): "await: \(sentence)"
        case .admit(let message, _): "admit \(message.id) in \(message.session)"
        }
    }

    @Test func `a job that both readers read alike is admitted`() {
        #expect(admission(.sample()) == "admit j in s")
        #expect(admission(.sample(#"{"flow":"line","id":"j"}"#, session: "j")) == "admit j in j")
    }

    @Test(arguments: [("k", "s"), ("j", "t"), ("j", "j")])
    func `a message that the scripts read otherwise is buried`(_ id: String, _ session: String) {
        #expect(
            admission(.sample(id: id, session: session)).hasPrefix("refused: the message is read differently")
        )
    }

    @Test func `what the scripts could not read is buried, even where the worker can`() {
        #expect(admission(.sample(kind: .unreadable, session: "")).hasPrefix("refused: the message is read"))
        #expect(admission(.sample("no JSON", kind: .unreadable)).hasPrefix("refused: the message is no JSON"))
    }

    @Test(arguments: [
        (#""input":{"a":"\ud800"}"#, "input.a"),
        (#""metadata":{"n":["x",{"b":"\udfff!"}]}"#, "metadata.n[1].b"),
        (#""input":{"k\ud800":1}"#, "input.k\u{FFFD}"),
    ])
    func `half of a surrogate pair is named by its key`(_ member: String, _ key: String) {
        let message = #"{"flow":"line","id":"j",\#(member)}"#
        #expect(
            admission(.sample(message, kind: .unreadable, id: "", session: "")).hasPrefix(
                "refused: \"\(key)\" has half of a surrogate pair in it"))
    }

    @Test func `a message is measured as it was pushed, without the id that a claim puts in front`() {
        let id = UUIDv7Source.shared.next()
        func admitted(_ padding: Int) -> Bool {
            let message =
                #"{"id":"\#(id)","flow":"line","metadata":{"p":"\#(String(repeating: "x", count: padding))"}}"#
            return admission(.sample(message, id: id, session: id)).hasPrefix("admit")
        }
        // What is not padding has 35 bytes without the id.
        #expect(admitted(965))
        #expect(!admitted(966))
    }

    @Test func `a message that is too large for the scripts is so for the worker, by the same limit`() {
        let large = #"{"flow":"line","id":"j","metadata":{"p":"\#(String(repeating: "x", count: 959))"}}"#
        #expect(large.utf8.count == 1003)
        #expect(
            admission(.sample(large, kind: .unreadable, id: "", session: ""))
                == "refused: the message has 1003 bytes, more than the 1000 that are allowed")
    }

    @Test func `a conflict is buried, a later format or an unknown flow notwithstanding`() {
        #expect(admission(.sample(kind: .conflict, session: "")).hasPrefix("conflict: job j is known"))
        let later = #"{"flow":"line","id":"j","session_id":"s","v":9}"#
        #expect(
            admission(.sample(later, kind: .conflict, session: "")).hasPrefix(
                "refused: the message has version 9"))
        #expect(
            admission(.sample(later, kind: .unreadable, session: "")).hasPrefix(
                "refused: the message has version 9"))
        #expect(admission(.sample(later)).hasPrefix("await: the message has version 9"))
    }

    @Test func `an unknown flow is awaited, with the flows that are known`() {
        let sentence = admission(.sample(#"{"flow":"lime","id":"j","session_id":"s"}"#))
        #expect(
            sentence
                == #"await: this worker does not know the flow "lime"; did you mean "line"? (it knows: line)"#
        )
    }

    @Test func `a message is not too large for the id that the claim has given it`() {
        let pad = String(repeating: "x", count: 1000 - #"{"flow":"line","metadata":{"p":""}}"#.utf8.count)
        let bare = #"{"flow":"line","metadata":{"p":"\#(pad)"}}"#
        let id = UUIDv7Source.shared.next()
        let adopted = #"{"id":"\#(id)",\#(bare.dropFirst())"#
        #expect(bare.utf8.count == 1000)
        #expect(admission(.sample(adopted, id: id, session: id)) == "admit \(id) in \(id)")
    }
}

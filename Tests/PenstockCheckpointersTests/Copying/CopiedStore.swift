import PenstockModel
import Testing

@testable import PenstockCheckpointers

/// What the tests of copying put into a store, and how they look whether it has arrived.
enum CopiedStore {
    static let sessions: [SessionID] = ["alone", "chat", "reset"]

    /// Three sessions: one checkpoint; several of two jobs, one of them dead; and one that was forgotten.
    static func fill(_ store: any Checkpointer) async throws {
        var alone = try await Writer.open("alone", in: store, job: "job-alone")
        try await alone.save(state: #"{"__zstd__":"KLUv/SAA"}"#)
        var chat = try await Writer.open("chat", in: store, job: "job-1")
        let text = #"{"ratio": 1.0, "half": "\ud800", "big": 100000000000000000000, "nan": NaN}"#
        try await chat.save(state: text, metadata: #"{"m":[1.0,"é"]}"#)
        try await chat.save("other")
        chat = try await Writer.open("chat", in: store, job: "job-2")
        for number in 1...4 { try await chat.save(state: #"{"n":\#(number)}"#) }
        var dead = chat.draftWithoutCheckpoint()
        dead.job?.status = .dead
        dead.job?.error = "it \"broke\""
        dead.status = .failed
        try await store.save(dead)
        var reset = try await Writer.open("reset", in: store, job: "job-reset")
        try await reset.save()
        try await store.reset("reset")
    }

    /// Whether the target has what the source has, and goes on from there alike.
    static func expectEqual(
        _ sessions: [SessionID] = sessions, in target: any CopyTarget & Checkpointer,
        and source: any CopyTarget & Checkpointer, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        for session in sessions {
            try await expectAlike(session, in: target, and: source, sourceLocation)
            let job = try await source.jobs(of: session, limit: 1, after: nil).first?.id ?? "job-new"
            let opened = try await target.open(session, for: job, as: "w1")
            let expected = try await source.open(session, for: job, as: "w1")
            #expect(opened.record.epoch == expected.record.epoch, sourceLocation: sourceLocation)
            #expect(opened.record.head == expected.record.head, sourceLocation: sourceLocation)
            #expect(alike(opened.latest, expected.latest), sourceLocation: sourceLocation)
            #expect(alike(opened.start, expected.start), sourceLocation: sourceLocation)
            #expect(opened.job?.status == expected.job?.status, sourceLocation: sourceLocation)
        }
    }

    private static func expectAlike(
        _ session: SessionID, in target: any CopyTarget & Checkpointer,
        and source: any CopyTarget & Checkpointer, _ sourceLocation: SourceLocation
    ) async throws {
        let copies = try await target.history(of: session)
        let originals = try await source.history(of: session)
        #expect(copies.map(\.id) == originals.map(\.id), sourceLocation: sourceLocation)
        for (copy, original) in zip(copies, originals) {
            #expect(copy.state == original.state, sourceLocation: sourceLocation)
            #expect(CopyComparison.equal(copy, original), sourceLocation: sourceLocation)
        }
        let jobs = try await target.jobs(of: session, limit: .max, after: nil)
        let theirs = try await source.jobs(of: session, limit: .max, after: nil)
        #expect(jobs.map(\.id) == theirs.map(\.id), sourceLocation: sourceLocation)
        #expect(zip(jobs, theirs).allSatisfy { CopyComparison.equal($0, $1) }, sourceLocation: sourceLocation)
        let record = try #require(try await target.session(session)?.record, sourceLocation: sourceLocation)
        let original = try #require(try await source.session(session)?.record, sourceLocation: sourceLocation)
        #expect(CopyComparison.equal(record, original), sourceLocation: sourceLocation)
    }

    private static func alike(_ one: Checkpoint?, _ other: Checkpoint?) -> Bool {
        guard let one, let other else { return one == other }
        return CopyComparison.equal(one, other)
    }
}

extension CheckpointerDriver {
    /// For a driver of ``Drivers/replicas``.
    func withCopyTarget(_ use: @Sendable (any CopyTarget & Checkpointer) async throws -> Void) async throws {
        try await withStore { store in try await use(#require(store as? any CopyTarget & Checkpointer)) }
    }
}

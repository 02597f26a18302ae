import FoundationEssentials
package import PenstockModel

/// Copies one store into another, session by session: what the target has already stays, so a copy that was cut off, or of a store
/// that goes on being used, is finished by making it once more.
///
/// Of a session that has been opened in the target since it was copied, nothing is changed there. What is copied is read back.
package struct StoreCopy: Sendable {
    private let source: any CopySource
    private let target: any CopyTarget
    private let limits: SessionTransfer.Limits

    package init(
        from source: any CopySource, to target: any CopyTarget,
        limits: SessionTransfer.Limits = SessionTransfer.Limits()
    ) {
        self.source = source
        self.target = target
        self.limits = limits
    }

    /// Copies all sessions, or one.
    ///
    /// - Parameters:
    ///   - session: Which one; all for `nil`.
    ///   - progress: Told how far it is after each session.
    /// - Returns: What was done. A session that cannot be copied is noted there, and the others are.
    /// - Throws: ``CheckpointerError/unavailable(reason:)`` when a store gave no answer; what was copied until then stays.
    package func run(
        only session: SessionID? = nil, progress: (StoreCopyReport) async -> Void = { _ in }
    ) async throws(CheckpointerError) -> StoreCopyReport {
        var report = StoreCopyReport()
        if let session {
            try await copy(session, into: &report)
            return report
        }
        try await source.eachPageOfSessions { page async throws(CheckpointerError) in
            for session in page {
                try await copy(session, into: &report)
                await progress(report)
            }
        }
        return report
    }

    private func copy(_ session: SessionID, into report: inout StoreCopyReport)
        async throws(CheckpointerError)
    {
        guard SessionID.accepts(session.text) else {
            let error = IdentifierError.sentence(for: session)
            return report.note(.refused, session, error)
        }
        var transfer = SessionTransfer(
            of: session, from: source, to: target, token: UUID().uuidString, limits: limits)
        let outcome: SessionTransfer.Outcome
        do throws(CheckpointerError) {
            outcome = try await transfer.run()
        } catch {
            report.add(transfer.copied)
            switch error {
            case .unfit, .unreadable, .fenced: return report.note(.refused, session, "\(error)")
            case .unavailable, .refused: throw error
            }
        }
        report.add(transfer.copied)
        switch outcome {
        case .gone: break
        case .copied: report.sessions += 1
        case .alreadyThere: report.alreadyThere += 1
        case .leftAlone(let reason, let hasAll): report.note(.leftAlone, session, reason, isComplete: hasAll)
        case .different(let reason): report.note(.different, session, reason)
        case .moving:
            report.note(
                .moving, session, "it changed in the source whenever it was copied; copy it once more")
        }
    }
}

extension IdentifierError {
    fileprivate static func sentence(for session: SessionID) -> String {
        do throws(IdentifierError) {
            return "\(try SessionID(checking: session.text))"
        } catch {
            return "\(error)"
        }
    }
}

extension StoreCopyReport {
    fileprivate mutating func add(_ copied: SessionTransfer.Copied) {
        checkpoints += copied.checkpoints
        jobs += copied.jobs
        bytes += copied.bytes
    }
}

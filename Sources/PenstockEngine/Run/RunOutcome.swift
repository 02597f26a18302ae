import PenstockModel

/// How an attempt at a run ended.
package enum RunOutcome: Sendable {
    /// The run reached END and that is committed. The JSON of the result: all of the state, or the keys that
    /// the flow names; `null` where the result of a job that was done before is no longer kept.
    case finished(result: [UInt8])
    /// It was asked to stop. All that was done is checkpointed: the job can be handed back.
    case stopped
    /// The task was cancelled, the claim turned out to be another's, or the writer was closed: nothing more
    /// is written, and what was under way runs again.
    case cancelled
    /// The attempt ended in an error of the flow. All that was done before is checkpointed.
    case failed(RunFailure)
    /// The store refused the writer: another has opened the session since.
    case fenced
    /// The session was last written by a newer version of the flow: a sentence.
    case postponed(String)
    /// It can never run: a sentence.
    case refused(String)
    /// The store will not take what was to be written, or what it holds cannot be read: a sentence.
    case storeFailed(String)
}

extension RunOutcome {
    /// What an attempt came to that could not save, or read what it had to.
    init(_ failure: SaveFailure) {
        switch failure {
        case .fenced: self = .fenced
        case .cancelled: self = .cancelled
        case .store(let sentence): self = .storeFailed(sentence)
        }
    }
}

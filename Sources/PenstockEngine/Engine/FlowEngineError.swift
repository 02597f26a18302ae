public import PenstockModel

/// Why a ``FlowEngine`` did not do what it was asked.
public enum FlowEngineError: Error, Sendable {
    /// The flow cannot run as it is: everything that is wrong with it.
    case faults([FlowFault])
    /// The engine was made without a checkpointer.
    case noCheckpointer
    /// Another engine or worker has opened the session since; what this one had not saved is lost.
    case fenced(SessionID)
    /// The session was last written by a newer version of the flow: a sentence.
    case newerVersion(String)
    /// It can never run: a sentence.
    case refused(String)
    /// The store gave no answer, will not take the write, or cannot be read: a sentence.
    case store(String)
    /// A node failed, or a limit was reached. What was done before is saved: invoke the session again to go
    /// on.
    case failed(RunFailure)
}

extension FlowEngineError: CustomStringConvertible {
    /// A sentence for people.
    public var description: String {
        switch self {
        case .faults(let faults): faults.map(\.description).joined(separator: "; ")
        case .noCheckpointer: "this engine has no checkpointer: nothing is saved"
        case .fenced(let session): "session \(session) was opened by another since"
        case .newerVersion(let sentence), .refused(let sentence), .store(let sentence): sentence
        case .failed(let failure): failure.description
        }
    }
}

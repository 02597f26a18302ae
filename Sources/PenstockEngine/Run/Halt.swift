import PenstockModel

/// Why the nodes of an attempt stopped before END.
enum Halt: Error {
    case stopped
    case cancelled
    case failed(at: NodeName, step: Int, any Error)
    case save(SaveFailure)
}

extension Child {
    /// What is known once the program and its group are gone.
    struct Finished {
        let exit: ProgramExit
        let output: [UInt8]
        let errorTail: String
        let verdict: Verdict?

        /// Why there is no answer.
        var error: ChildProcessError {
            switch verdict {
            case .cancelled: .cancelled(errorTail: errorTail)
            case .tooLarge(let limit): .outputTooLarge(limit: limit, errorTail: errorTail)
            case .unasked(let output): .unaskedOutput(output, errorTail: errorTail)
            case nil: .ended(exit, errorTail: errorTail)
            }
        }
    }

    /// Why a program was made to end.
    enum Verdict: Hashable {
        case cancelled
        case tooLarge(limit: Int)
        case unasked([UInt8])
    }
}

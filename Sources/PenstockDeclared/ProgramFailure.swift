import PenstockEngine
import PenstockPlatform

/// A node's program failed; the job's attempt may be repeated.
struct ProgramFailure: Error, CustomStringConvertible {
    let description: String

    init(_ sentence: String, errorTail: String = "") {
        let tail = Self.lastLines(of: errorTail)
        description = tail.isEmpty ? sentence : "\(sentence): \(tail)"
    }

    /// What the exit of a program means (65 and 75 are EX_DATAERR and EX_TEMPFAIL of sysexits.h).
    static func error(for exit: ProgramExit, errorTail: String) -> any Error {
        switch exit {
        case .exited(code: 0):
            return ProgramFailure("the program ended without an answer (exit code 0)", errorTail: errorTail)
        case .exited(code: 65):
            let tail = lastLines(of: errorTail)
            return PermanentFailure(tail.isEmpty ? "the program failed for good (exit code 65)" : tail)
        case .exited(code: 75):
            return ProgramFailure("the program asks to be tried again (exit code 75)", errorTail: errorTail)
        case .exited, .signalled:
            return ProgramFailure("the program ended with \(exit)", errorTail: errorTail)
        }
    }

    /// What it means that a program gave no answer.
    static func error(for error: ChildProcessError) -> any Error {
        switch error {
        case .cancelled(let tail): ProgramStopped(errorTail: tail)
        case .ended(let exit, let tail): self.error(for: exit, errorTail: tail)
        case .outputTooLarge(_, let tail): ProgramFailure("\(error)", errorTail: tail)
        case .unaskedOutput(let output, let tail):
            ProgramFailure("\(error): \(ProgramAnswer.start(of: output))", errorTail: tail)
        case .notStarted: NotRun("\(error)")
        case .unusable, .busy, .questionNotOneLine: ProgramFailure("\(error)")
        }
    }

    /// The last lines of standard error that tell no progress, on one line of at most some hundred characters.
    private static func lastLines(of text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline).filter { ErrorLine.progress(in: $0) == nil }
        let joined = lines.suffix(5).joined(separator: " | ")
        return joined.count > 800 ? "…\(joined.suffix(800))" : joined
    }
}

/// A program was stopped, by its node's timeout or because the attempt is over, and is gone.
struct ProgramStopped: Error, CustomStringConvertible {
    let errorTail: String

    var description: String { "the program was stopped" }
}

/// Why a program gave no answer. Whatever the case, the program is gone and so is its process group.
///
/// `errorTail` is the end of what it wrote to standard error.
package enum ChildProcessError: Error, Hashable, Sendable {
    /// Nothing ran. Trying again is useless until someone changes the flow file or the disk.
    case unusable(program: String, reason: String)
    /// Nothing ran: the machine was short of something. The same may be tried again.
    case notStarted(program: String, reason: String)
    /// It wrote more to standard output than the limit, in bytes.
    case outputTooLarge(limit: Int, errorTail: String)
    /// The task was cancelled, or ``ServeProcess/stop()`` was called.
    case cancelled(errorTail: String)
    /// A serving program ended, or closed its standard output, before it answered.
    case ended(ProgramExit, errorTail: String)
    /// A serving program wrote what it was not asked for, told with its beginning: its answers can no longer be told apart.
    case unaskedOutput([UInt8], errorTail: String)
    /// A serving program was asked while it still worked on an answer. A bug of the caller; the program
    /// goes on.
    case busy
    /// A question had a line feed in it. A bug of the caller; the program goes on.
    case questionNotOneLine
}

extension ChildProcessError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unusable(_, let reason), .notStarted(_, let reason): reason
        case .outputTooLarge(let limit, _): "the program wrote more than \(limit) bytes to standard output"
        case .cancelled: "the program was stopped"
        case .ended(let exit, _): "the program ended without an answer (\(exit))"
        case .unaskedOutput: "the program wrote to standard output without having been asked"
        case .busy: "the program still works on another question"
        case .questionNotOneLine: "a question to a program is one line, but this one has a line feed in it"
        }
    }
}

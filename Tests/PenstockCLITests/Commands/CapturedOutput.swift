import Penstock
import PenstockJSON
import PenstockPlatform
import Synchronization

@testable import PenstockCLI

/// Runs command lines within this process, and keeps what they write.
final class CapturedOutput: Sendable {
    private let written = Mutex<[StandardStream: [UInt8]]>([:])

    struct Answer {
        let code: ExitCode
        let output: String
        let errors: String

        var json: JSON? { try? JSON(parsing: output) }
    }

    /// What somebody says on standard error.
    static func said(_ body: (Output) -> Void) -> String {
        let capture = CapturedOutput()
        body(
            Output(isTerminal: false) { stream, bytes in
                capture.written.withLock { $0[stream, default: []] += bytes }
            })
        return capture.written.withLock { String(decoding: $0[.error] ?? [], as: UTF8.self) }
    }

    static func run(_ arguments: [String]) async -> Answer {
        let capture = CapturedOutput()
        let output = Output(isTerminal: false) { stream, bytes in
            capture.written.withLock { $0[stream, default: []] += bytes }
        }
        let code = await CommandLineTool.run(arguments, output: output)
        func text(_ stream: StandardStream) -> String {
            capture.written.withLock { String(decoding: $0[stream] ?? [], as: UTF8.self) }
        }
        return Answer(code: code, output: text(.output), errors: text(.error))
    }
}

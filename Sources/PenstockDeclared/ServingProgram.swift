import PenstockModel
import PenstockPlatform
import Synchronization

/// One program that stays, and the log of the job that it works for: what it writes to standard error is about that one.
final class ServingProgram: Sendable {
    private let process: ServeProcess
    private let lines: ErrorLog

    init(starting program: Program, _ log: Log) async throws(ChildProcessError) {
        let lines = ErrorLog(log)
        self.lines = lines
        process = try await ServeProcess.start(program, limits: .ofNodes, onErrorLine: lines.note)
    }

    var isRunning: Bool {
        get async { await process.isRunning }
    }

    func answer(to question: [UInt8], _ log: Log) async throws(ChildProcessError) -> [UInt8] {
        lines.direct(to: log)
        return try await process.exchange(question)
    }
}

private final class ErrorLog: Sendable {
    private let log: Mutex<Log>

    init(_ log: Log) {
        self.log = Mutex(log)
    }

    func direct(to log: Log) {
        self.log.withLock { $0 = log }
    }

    @Sendable func note(_ line: String) {
        log.withLock { $0 }.info(line, ["from": "stderr"])
    }
}

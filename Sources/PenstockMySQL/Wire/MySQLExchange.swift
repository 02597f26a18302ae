import CPenstockMariaDB
import PenstockSQL

/// What is asked of the server, as far as it has come: a chain of libmariadb's calls, each of which may have to wait.
protocol MySQLExchange: AnyObject {
    associatedtype Call

    /// What is under way, or comes next; `nil` once all is done.
    var call: Call? { get set }
    /// Whether that was begun, and waits for the server.
    var isWaiting: Bool { get set }
    /// One for each statement that was run.
    var answers: [SQLAnswer] { get }

    /// Begins a call.
    ///
    /// - Returns: What libmariadb waits for; 0 when the call is over.
    func begin(_ call: Call) -> Int32

    /// Goes on with a call that waited; as ``begin(_:)``.
    func goOn(with call: Call, after events: Int32) -> Int32

    /// What comes of a call that is over.
    ///
    /// - Returns: The next call; `nil` if that was the last.
    func end(_ call: Call) throws(MySQLFailure) -> Call?
}

extension MySQLExchange {
    /// Goes on as far as that goes without waiting.
    ///
    /// - Parameter events: What has come of that which was waited for; 0 at the beginning.
    /// - Returns: What is to be waited for; 0 once all is done.
    /// - Throws: What failed. It is over then.
    func goOn(after events: Int32 = 0) throws(MySQLFailure) -> Int32 {
        while let call {
            let wanted = isWaiting ? goOn(with: call, after: events) : begin(call)
            isWaiting = wanted != 0
            guard !isWaiting else { return wanted }
            self.call = try end(call)
        }
        return 0
    }
}

/// What a statement of a text is to whoever sent it.
enum MySQLTextPart {
    /// It begins or ends something, and is not to be named in an error.
    case frame
    case command(String)
    /// It fails unless the one before it has changed so many rows, and has no answer.
    case check(rows: Int)
}

/// Statements, separated by semicolons, that leave in one write. Each has an answer, until one fails.
final class MySQLTextExchange: MySQLExchange {
    enum Call { case query, storeResult, nextResult }

    private let handle: MySQLHandle
    private let text: UnsafeRawBufferPointer
    private let part: (Int) -> MySQLTextPart
    private var done = 0
    private var code: Int32 = 0
    private var result: UnsafeMutablePointer<MYSQL_RES>?
    var call: Call? = .query
    var isWaiting = false
    private(set) var answers: [SQLAnswer] = []

    /// - Parameters:
    ///   - text: The statements, which have to stay where they are until all is done.
    ///   - handle: The connection.
    ///   - part: What the one with a number is.
    init(
        _ text: UnsafeRawBufferPointer, on handle: MySQLHandle,
        _ part: @escaping (Int) -> MySQLTextPart = { _ in .frame }
    ) {
        self.text = text
        self.handle = handle
        self.part = part
    }

    func begin(_ call: Call) -> Int32 {
        switch call {
        case .query:
            mysql_real_query_start(
                &code, handle.pointer, text.baseAddress?.assumingMemoryBound(to: CChar.self), UInt(text.count)
            )
        case .storeResult: mysql_store_result_start(&result, handle.pointer)
        case .nextResult: mysql_next_result_start(&code, handle.pointer)
        }
    }

    func goOn(with call: Call, after events: Int32) -> Int32 {
        switch call {
        case .query: mysql_real_query_cont(&code, handle.pointer, events)
        case .storeResult: mysql_store_result_cont(&result, handle.pointer, events)
        case .nextResult: mysql_next_result_cont(&code, handle.pointer, events)
        }
    }

    func end(_ call: Call) throws(MySQLFailure) -> Call? {
        switch call {
        case .query:
            guard code == 0 else { throw failure() }
            return takeAnswer()
        case .storeResult:
            guard let result else { throw failure() }
            defer { mysql_free_result(result) }
            note(SQLAnswer(rows: MySQLTextResult(result).rows()))
            return .nextResult
        case .nextResult:
            // libmariadb says that there are no more, too, when the connection is lost while an answer's columns are described.
            guard code <= 0, mysql_errno(handle.pointer) == 0 else { throw failure() }
            return code < 0 ? nil : takeAnswer()
        }
    }

    private func takeAnswer() -> Call {
        guard mysql_field_count(handle.pointer) == 0 else { return .storeResult }
        note(SQLAnswer(changes: Int(truncatingIfNeeded: mysql_affected_rows(handle.pointer))))
        return .nextResult
    }

    private func note(_ answer: SQLAnswer) {
        if case .check = part(done) {} else { answers.append(answer) }
        done += 1
    }

    private func failure() -> MySQLFailure {
        var failure = handle.failure()
        switch part(done) {
        case .frame: break
        case .command(let sql): failure.sql = sql
        case .check(let rows): if failure.code == MySQLSession.failedCheck { failure.unmet = rows }
        }
        return failure
    }
}

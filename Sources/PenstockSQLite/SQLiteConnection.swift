import CPenstockSQLite
import PenstockSQL

/// One handle of SQLite's, used from one thread at a time.
final class SQLiteConnection: SQLConnection {
    enum Role: String, Sendable {
        case writer, reader
    }

    let file: SQLiteFile
    let options: SQLiteOptions
    private let role: Role
    private let handle: OpaquePointer
    private let wait: SQLiteWait
    private let statements: SQLiteStatementCache
    /// What undid the transaction that is under way: nothing more may be done in it.
    private var spoiltBy: SQLError?
    private var isInTransaction = false
    private var isClosed = false
    /// A transaction could not be ended: no other can be begun here.
    private(set) var isBroken = false

    init(to file: SQLiteFile, as role: Role, options: SQLiteOptions) throws(SQLError) {
        guard sqlite3_libversion_number() >= 3_035_000 else {
            let version = String(cString: sqlite3_libversion())
            throw .refused(reason: "SQLite 3.35 or later is needed for RETURNING; this is \(version).")
        }
        self.file = file
        self.role = role
        self.options = options
        handle = try Self.open(file)
        wait = SQLiteWait(patience: options.patience)
        statements = SQLiteStatementCache(of: handle)
        wait.attach(to: handle)
        do {
            try setUp()
        } catch {
            close()
            throw error
        }
    }

    deinit { close() }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        statements.empty()
        sqlite3_close_v2(handle)
    }

    // MARK: Statements

    func run(_ command: SQLCommand) throws(SQLError) -> SQLAnswer {
        try goOn()
        let before = sqlite3_total_changes(handle)
        var rows: [SQLRow] = []
        let code: Int32
        do throws(SQLiteFailure) {
            let statement = try statements.statement(for: command.sql)
            code = try statement.run(with: command.values) { rows.append($0) }
        } catch {
            switch error {
            case .code(let failure): code = failure
            case .wrongUse(let reason): throw .bug(reason: reason)
            }
        }
        if code != SQLITE_DONE { throw failed(code) }
        return SQLAnswer(rows: rows, changes: Int(sqlite3_total_changes(handle) &- before))
    }

    func script(_ sql: String) throws(SQLError) {
        try goOn()
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        if code != SQLITE_OK { throw failed(code) }
    }

    /// Nothing runs after SQLite has undone the transaction: it would be committed at once, on its own.
    private func goOn() throws(SQLError) {
        if let spoiltBy { throw spoiltBy }
    }

    private func failed(_ code: Int32) -> SQLError {
        if role == .reader, code & 0xFF == SQLITE_READONLY {
            return .bug(reason: "A transaction that only reads was asked to write.")
        }
        let error = SQLError(sqlite: code, saying: String(cString: sqlite3_errmsg(handle)), of: file)
        if isInTransaction, sqlite3_get_autocommit(handle) != 0 { spoiltBy = error }
        return error
    }

    // MARK: Transactions

    /// Takes the lock on writing first, if it is the writer: a transaction that begins by reading may have to fail
    /// when it comes to write.
    func transaction<Value>(
        _ body: (any SQLConnection) throws(SQLError) -> Value
    ) throws(SQLError) -> Value {
        if role == .writer { try makeSureThatFileIsInPlace() }
        try execute(role == .writer ? "BEGIN IMMEDIATE" : "BEGIN")
        isInTransaction = true
        defer {
            isInTransaction = false
            spoiltBy = nil
        }
        do throws(SQLError) {
            let value = try body(self)
            try goOn()
            guard sqlite3_get_autocommit(handle) == 0 else {
                throw SQLError.bug(reason: "The body of a transaction has ended it itself.")
            }
            try execute("COMMIT")
            return value
        } catch {
            undo()
            throw error
        }
    }

    private func undo() {
        spoiltBy = nil
        guard sqlite3_get_autocommit(handle) == 0 else { return }
        isBroken = sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) != SQLITE_OK
    }

    /// Writing to a file that was deleted or replaced would succeed, and be lost.
    private func makeSureThatFileIsInPlace() throws(SQLError) {
        var hasMoved: Int32 = 0
        guard sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &hasMoved) == SQLITE_OK,
            hasMoved != 0
        else { return }
        throw .refused(
            reason: "The SQLite store '\(file.path)' was moved or deleted while it was open; start again.")
    }

    // MARK: The log

    /// The log is moved into the file when it holds 8 MB, and is begun anew at the next write if nobody reads from it.
    private static let pagesBeforeRelief = 2_000
    /// At 64 MB readers and writers are made to wait until it can be begun anew, or it might grow for ever.
    private static let pagesBeforeInsisting = 16_000

    var logNeedsRelief: Bool { wait.pagesInLog >= Self.pagesBeforeRelief }

    /// What fails here fails again at the next commit and is told there; the log keeps what is in it.
    func relieveLog() {
        guard !isClosed, logNeedsRelief else { return }
        let mode =
            wait.pagesInLog >= Self.pagesBeforeInsisting
            ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE
        wait.pagesInLog = 0
        wait.withPatience(of: .milliseconds(200)) {
            _ = sqlite3_wal_checkpoint_v2(handle, "main", mode, nil, nil)
        }
    }

    // MARK: Setting up

    private static func open(_ file: SQLiteFile) throws(SQLError) -> OpaquePointer {
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let code = sqlite3_open_v2(file.path, &handle, flags, nil)
        guard code == SQLITE_OK, let handle else {
            sqlite3_close_v2(handle)
            throw SQLError(sqlite: code, saying: String(cString: sqlite3_errstr(code)), of: file)
        }
        sqlite3_extended_result_codes(handle, 1)
        return handle
    }

    private func setUp() throws(SQLError) {
        // Texts are read as the bytes they are stored in, this one's answer too.
        guard try query("PRAGMA encoding").first?.bytes(at: 0) == Array("UTF-8".utf8) else {
            throw .refused(
                reason: "The SQLite store '\(file.path)' is encoded in UTF-16; only UTF-8 will do.")
        }
        try changeToWriteAheadLog()
        // Whoever wants more waits for the disk himself, see SQLiteSync.
        try script("PRAGMA synchronous = normal")
        try script("PRAGMA foreign_keys = off")
        try script("PRAGMA journal_size_limit = \(64 << 20)")
        switch role {
        case .writer:
            try script("PRAGMA cache_size = -8192")
            wait.watchLog(of: handle)
        case .reader:
            try script("PRAGMA query_only = on")
        }
    }

    /// When many processes open a new file at once, SQLite answers "busy" to some without asking them to wait.
    private func changeToWriteAheadLog() throws(SQLError) {
        let deadline = ContinuousClock.now + options.patience
        while true {
            do throws(SQLError) {
                let mode = try query("PRAGMA journal_mode = wal").first?.text(at: 0)
                if mode == "wal" { return }
                throw SQLError.refused(
                    reason:
                        "The SQLite store '\(file.path)' cannot keep a write-ahead log where it is (it stays in "
                        + "mode '\(mode ?? "none")'); a local file system is needed.")
            } catch {
                guard case .contention = error, ContinuousClock.now < deadline else { throw error }
                wait.pause()
            }
        }
    }
}

extension SQLiteConnection {
    func describe() throws(SQLError) -> SQLDescription {
        let journal = try query("PRAGMA journal_mode").first?.text(at: 0) ?? ""
        let pageSize = try query("PRAGMA page_size").first?.integer(at: 0) ?? 0
        let pages = try query("PRAGMA page_count").first?.integer(at: 0) ?? 0
        return SQLDescription(
            product: "SQLite", version: String(cString: sqlite3_libversion()), location: file.path,
            facts: [
                .init(
                    "journal_mode", journal,
                    complaint: journal == "wal"
                        ? nil : "Another program has changed it: readers and writers now wait."),
                .init(
                    "synchronous", options.synchronous.rawValue,
                    complaint: options.synchronous == .full
                        ? nil : "A loss of power may take back what was acknowledged."),
                .init("page_size", "\(pageSize)"),
                .init(
                    "file_bytes", "\(pageSize * pages)", complaint: SQLiteFileSystem.complaint(at: file.path)),
                .init("log_bytes", "\(file.logBytes)"),
            ])
    }
}

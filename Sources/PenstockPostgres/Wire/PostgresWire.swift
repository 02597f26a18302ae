import CPenstockPostgres
import Glibc
import PenstockSQL

/// libpq's end of a connection, in pipeline mode and non-blocking: what is sent in one go, and the answers to it, in order.
///
/// What is sent together ends with a mark (a "sync"); when something in it fails the server skips to there. After a call has
/// thrown, ``isBroken`` tells whether the connection is of use still.
final class PostgresWire {
    /// What becomes of the server's work when it takes too long.
    enum Patience {
        /// It is asked to stop.
        case cancels
        /// It is left to it: a commit that waits for a standby would otherwise be visible without being safe.
        case leaves
    }

    /// What the server owes us, in order.
    enum Owed {
        case preparation(of: PostgresStatement)
        case answer(to: SQLCommand)
        /// An answer that nobody waits for: what it says matters only if the connection is lost.
        case courtesy
        case mark
    }

    let handle: OpaquePointer
    private let options: PostgresOptions
    private let notices: PostgresNotices
    private let binding = PostgresBinding()
    var statements = PostgresStatements()
    /// What was sent without waiting for its answers.
    private var leftOver: [Owed] = []
    private var patience = Patience.cancels
    private var limit: Duration
    /// Nothing more can be sent: the server is gone, or what it is in the middle of is unknown.
    private(set) var isBroken = false

    init(to address: PostgresAddress, options: PostgresOptions) throws(SQLError) {
        self.options = options
        limit = options.answerLimit
        notices = PostgresNotices()
        handle = try PostgresGreeting.connect(to: address, options: options, notices: notices)
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
            throw .bug(reason: "libpq does not go into pipeline mode.")
        }
    }

    deinit { PQfinish(handle) }

    var place: String { PostgresPlace.of(handle) }

    /// Whether a transaction is under way, as far as the answers tell that were received.
    var isInTransaction: Bool { PQtransactionStatus(handle) != PQTRANS_IDLE }

    /// Whether the server has left meanwhile; to be asked while nothing is waited for.
    func hasLostServer() -> Bool {
        while PQstatus(handle) == CONNECTION_OK, PostgresSocket.hasNews(PQsocket(handle)) {
            guard PQconsumeInput(handle) == 1 else { break }
        }
        return PQstatus(handle) != CONNECTION_OK
    }

    /// Whether a commit was told as done since this was last asked, although no standby confirmed it.
    func takeStandbyWasGivenUp() -> Bool { notices.takeStandbyWasGivenUp() }

    // MARK: Exchanges

    /// Sends commands together and gives their answers. When one fails those behind it are not run; a transaction that
    /// the commands began stays open, spoilt.
    func exchange(
        _ commands: [SQLCommand], patience: Patience = .cancels
    ) throws(SQLError) -> [SQLAnswer] {
        var awaited = try send(commands, patience: patience)
        while try !receive(&awaited) { try waitForResult() }
        return try answers(of: awaited)
    }

    /// Sends commands together, as far as that goes without waiting.
    func send(_ commands: [SQLCommand], patience: Patience) throws(SQLError) -> Awaited {
        for command in commands {
            if let fault = command.fault { throw fault }
        }
        begin(patience: patience, limit: options.answerLimit)
        var awaited = Awaited(owed: leftOver)
        leftOver = []
        for command in commands { try send(command, owing: .answer(to: command), to: &awaited.owed) }
        try sendMark(to: &awaited.owed)
        return awaited
    }

    /// Sends a command whose answer is of no interest, and does not wait for it.
    func sendInPassing(_ commands: [SQLCommand]) throws(SQLError) {
        begin(patience: .cancels, limit: options.answerLimit)
        for command in commands { try send(command, owing: .courtesy, to: &leftOver) }
        try sendMark(to: &leftOver)
    }

    /// Frees the server of statements that were used too seldom to be kept, if there are many. Not within a transaction.
    func tidyUp() throws(SQLError) {
        guard statements.dropped.count >= 16 else { return }
        begin(patience: .cancels, limit: options.answerLimit)
        for name in statements.takeDropped() {
            try check(PQsendQueryParams(handle, "DEALLOCATE \(name)", 0, nil, nil, nil, nil, 0))
            leftOver.append(.courtesy)
        }
        try sendMark(to: &leftOver)
    }

    /// Runs statements separated by semicolons.
    func script(_ sql: String) throws(SQLError) {
        _ = try exchange([])
        begin(patience: .cancels, limit: options.scriptLimit)
        try check(PQexitPipelineMode(handle))
        try check(PQsendQuery(handle, sql))
        var failure: PostgresFailure?
        while let result = try next() {
            if isCopy(result) {
                throw breakOff(.bug(reason: "COPY was asked for, which is not served here."))
            }
            failure = failure ?? self.failure(in: result)
        }
        if failure == nil || PQstatus(handle) == CONNECTION_OK { try check(PQenterPipelineMode(handle)) }
        if let failure { throw meaning(of: failure) }
    }

    private func begin(patience: Patience, limit: Duration) {
        self.patience = patience
        self.limit = limit
    }

    // MARK: Sending

    private func send(_ command: SQLCommand, owing answer: Owed, to owed: inout [Owed]) throws(SQLError) {
        let statement =
            if let known = statements.find(for: command) { known } else { try prepare(command, owing: &owed) }
        binding.bind(command)
        try check(
            PQsendQueryPrepared(
                handle, statement.name, Int32(binding.pointers.count), binding.pointers, binding.lengths,
                binding.formats, 0))
        owed.append(answer)
    }

    private func prepare(_ command: SQLCommand, owing owed: inout [Owed]) throws(SQLError)
        -> PostgresStatement
    {
        let statement = statements.make(for: command)
        let types = statement.types
        try check(PQsendPrepare(handle, statement.name, command.sql, Int32(types.count), types))
        owed.append(.preparation(of: statement))
        return statement
    }

    private func sendMark(to owed: inout [Owed]) throws(SQLError) {
        try check(PQpipelineSync(handle))
        owed.append(.mark)
    }

    /// What libpq refuses to send leaves the connection in the middle of something.
    private func check(_ success: Int32) throws(SQLError) {
        if success != 1 { throw breakOff(SQLError(ownFailure)) }
    }

    // MARK: Receiving

    /// The next result; nil where those of a command end.
    private func next() throws(SQLError) -> PostgresResult? {
        if PQisBusy(handle) == 1 { try waitForResult() }
        return PQgetResult(handle).map { PostgresResult($0) }
    }

    /// Whatever libpq could not send before is sent meanwhile, so that neither side waits for the other to read.
    private func waitForResult() throws(SQLError) {
        var deadline = ContinuousClock.now + limit
        while PQisBusy(handle) == 1 {
            let hasUnsent = flush()
            // Sending may have found out that the server is gone, and then nothing is busy.
            if isCutOff { continue }
            let events = Int16(POLLIN) | (hasUnsent ? Int16(POLLOUT) : 0)
            let came = PostgresSocket.wait(PQsocket(handle), for: events, until: deadline)
            guard came != 0 else { throw breakOffTooLate() }
            if came & Int16(POLLOUT) != 0 { deadline = .now + limit }
            if came & ~Int16(POLLOUT) != 0 { PQconsumeInput(handle) }
        }
    }

    // MARK: Waiting elsewhere

    /// How long the next answer may take.
    var answerLimit: Duration { limit }

    /// Sends what is left to send, as far as that goes without waiting, and says whether something is left.
    func flush() -> Bool { PQflush(handle) == 1 }

    /// Whether the server is known to be gone: no more will come.
    var isCutOff: Bool { PQstatus(handle) != CONNECTION_OK }

    /// What the socket is to be waited for.
    func interest(whileUnsent hasUnsent: Bool) -> pollfd {
        pollfd(fd: PQsocket(handle), events: Int16(POLLIN | (hasUnsent ? POLLOUT : 0)), revents: 0)
    }

    /// Reads what has arrived.
    func takeIn() { PQconsumeInput(handle) }

    /// What to say when the server took too long; it is let go of.
    func breakOffTooLate() -> SQLError {
        if patience == .cancels { PostgresCancel.send(to: handle) }
        return breakOff(.connectionLost(reason: "PostgreSQL at \(place) gave no answer within \(limit)."))
    }

    // MARK: Failing

    func failure(in result: PostgresResult) -> PostgresFailure? {
        switch result.status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY, PGRES_PIPELINE_SYNC,
            PGRES_PIPELINE_ABORTED:
            nil
        default: PostgresFailure(of: result, at: place)
        }
    }

    func isCopy(_ result: PostgresResult) -> Bool {
        [PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH].contains(result.status)
    }

    /// What libpq itself has to say.
    var ownFailure: PostgresFailure {
        PostgresFailure(
            code: nil, message: PostgresFailure.firstLine(of: String(cString: PQerrorMessage(handle))),
            constraint: nil,
            place: place)
    }

    func meaning(of failure: PostgresFailure) -> SQLError {
        if failure.spoilsConnection || PQstatus(handle) != CONNECTION_OK { isBroken = true }
        return SQLError(failure)
    }

    /// Says that nobody knows what the server is in the middle of.
    func giveUp() { isBroken = true }

    func breakOff(_ error: SQLError) -> SQLError {
        isBroken = true
        return error
    }
}

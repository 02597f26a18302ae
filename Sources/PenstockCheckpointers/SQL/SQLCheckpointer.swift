package import PenstockModel
import PenstockSQL

/// Keeps sessions in an SQL database, in a table of checkpoints that the Python library llmfy reads and writes too.
///
/// Opens and saves are committed in groups; reads wait for no commit.
package final class SQLCheckpointer: Checkpointer {
    let database: any SQLDatabase
    let statements: SQLStatements
    let cleaning: SQLCleaning
    let tables: SQLTables
    let dialect: any SQLDialect
    let schema: SQLSchema
    let prefix: TablePrefix
    let clock: WallClock
    private let writes: SQLWriteQueue
    /// Apart from the writes, whose transactions wait for the disk; but not in SQLite, whose only writer does not, and where another
    /// thread costs more than it gains.
    private let looks: SQLWriteQueue
    private let inFlight = InFlight()

    init(on database: any SQLDatabase, dialect: any SQLDialect, prefix: TablePrefix, clock: WallClock) {
        self.database = database
        statements = SQLStatements(for: prefix, in: dialect)
        self.dialect = dialect
        tables = SQLTables(prefix: prefix, dialect: dialect)
        cleaning = SQLCleaning(tables, in: dialect)
        schema = SQLSchema(prefix: prefix, dialect: dialect)
        self.prefix = prefix
        self.clock = clock
        let language = dialect.language(statements, tables)
        writes = SQLWriteQueue(database: database, lanes: database.writers, language: language)
        looks =
            database.writers == 1
            ? writes : SQLWriteQueue(database: database, lanes: 1, language: language)
    }

    package func open(
        _ session: SessionID, for job: JobID, as owner: String
    ) async throws(CheckpointerError) -> OpenedSession {
        let opening = SQLOpening(session: session, job: job, owner: owner, now: clock.now())
        guard case .opened(let opened) = try await make(.open(opening)) else {
            throw .unfit(reason: "opening session \(session) was answered as a save is")
        }
        return opened
    }

    package func look(
        at session: SessionID, for job: JobID
    ) async throws(CheckpointerError) -> OpenedSession? {
        let look = SQLLook(session: session, job: job, now: clock.now())
        guard case .seen(let seen) = try await make(.look(look)) else {
            throw .unfit(reason: "a look at session \(session) was answered as a save is")
        }
        return seen
    }

    package func save(_ save: Save) async throws(CheckpointerError) {
        if let fault = save.fault { throw .unfit(reason: fault) }
        guard case .fenced = try await make(.save(SQLSave(save))) else { return }
        if try await hasTaken(save) { return }
        throw .fenced(session: save.session, epoch: save.epoch)
    }

    /// Whether an earlier try of the save took effect.
    private func hasTaken(_ save: Save) async throws(CheckpointerError) -> Bool {
        if let checkpoint = save.checkpoint { return try await holds(checkpoint.id, of: save.session) }
        guard save.opening != nil else { return false }
        return try await head(of: save.session).record?.isLeft(by: save) ?? false
    }

    private func make(_ write: SQLWrite) async throws(CheckpointerError) -> SQLOutcome {
        try await inFlight.run { () async throws(CheckpointerError) in
            try await (write.isReading ? looks : writes).make(write)
        }
    }

    package func executor(isAlone: Bool) -> (any TaskExecutor)? {
        database.executor(isAlone: isAlone)
    }

    package func close() async {
        await inFlight.close()
        await database.close()
    }
}

extension SQLCheckpointer {
    /// A transaction that only reads, unless the store was closed.
    func read<Value: Sendable>(
        about subject: String, _ body: @escaping @Sendable (any SQLConnection) throws(SQLError) -> Value
    ) async throws(CheckpointerError) -> Value {
        try await reaching(about: subject) { database throws(SQLError) in try await database.read(body) }
    }

    /// A transaction of its own that writes, unless the store was closed.
    func write<Value: Sendable>(
        about subject: String, _ body: @escaping @Sendable (any SQLConnection) throws(SQLError) -> Value
    ) async throws(CheckpointerError) -> Value {
        try await reaching(about: subject) { database throws(SQLError) in
            var tries = SQLTries()
            return try await database.write(tries: &tries, body)
        }
    }

    func reaching<Value: Sendable>(
        about subject: String, _ ask: (any SQLDatabase) async throws(SQLError) -> Value
    ) async throws(CheckpointerError) -> Value {
        try await inFlight.run { () async throws(CheckpointerError) in
            do throws(SQLError) {
                return try await ask(database)
            } catch {
                throw CheckpointerError(error, about: subject)
            }
        }
    }
}

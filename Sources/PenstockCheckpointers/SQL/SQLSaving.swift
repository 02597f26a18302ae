import PenstockSQL

/// How a save is made in one database: the compare, the checkpoint, the job's record.
struct SQLSaving: Sendable {
    /// The commands of a save. What stands after the first takes effect only if that hit.
    let commands: @Sendable (SQLSave) -> [SQLCommand]
    /// How many those are.
    let commandCount: @Sendable (SQLSave) -> Int

    /// In three statements, the later ones bound to the one before by `chained`, a condition that holds if that one changed one row.
    ///
    /// A server may go on with a transaction whose client has died in the middle of it, and count rows no more. `chained` has to hold there
    /// too, and `id`, a checkpoint's or a job's, to be NULL: the statement fails then, and the transaction with it.
    static func chained(
        _ chained: String, id: String = "$1", from dual: String, _ tables: SQLTables,
        _ dialect: any SQLDialect
    ) -> SQLSaving {
        let advance = SQLTemplate(advance(tables), dialect.places)
        let create = SQLTemplate(create(tables, dialect), dialect.places)
        let checkpoint = SQLTemplate(
            """
            INSERT INTO \(tables.checkpoint) (\(SQLTables.checkpointColumns))
            SELECT \(id), \(places(2...12)) \(dual) WHERE \(chained)
            """, dialect.places)
        let job = SQLTemplate(
            """
            INSERT INTO \(tables.job) (\(SQLTables.jobColumns))
            SELECT \(id), \(places(2...12)) \(dual) WHERE \(chained)
            \(dialect.orUpdate) \(takingOver(SQLTables.jobFacts, dialect))
            """, dialect.places)
        return SQLSaving(
            commands: { save in
                var commands: [SQLCommand] = []
                commands.reserveCapacity(3)
                commands.append(save.createsSession ? create(save.record) : advance(save.record))
                if let values = save.checkpoint { commands.append(checkpoint(values)) }
                if let values = save.job { commands.append(job(values)) }
                return commands
            },
            commandCount: { save in 1 + (save.checkpoint == nil ? 0 : 1) + (save.job == nil ? 0 : 1) })
    }

    /// Head, flow, version, status, now, the epoch and owner afterwards; session, epoch, owner, the head that was seen. Changes the
    /// row or none. The numbers stand in order, as rows of values have to.
    static func advance(_ tables: SQLTables) -> String {
        """
        UPDATE \(tables.session)
        SET head = $1, flow = $2, version = $3, status = $4, updated_at = $5, epoch = $6, owner = $7
        WHERE id = $8 AND epoch = $9 AND owner = $10 AND head = $11
        """
    }

    /// The values of ``SQLTables/sessionColumns``. Adds the row or none: who finds no row, and whose row is added, was the first.
    static func create(_ tables: SQLTables, _ dialect: any SQLDialect) -> String {
        dialect.insertIfAbsent(
            into: tables.session, SQLTables.sessionColumns, from: "VALUES (\(places(1...9)))")
    }

    static func places(_ numbers: ClosedRange<Int>) -> String {
        numbers.map { "$\($0)" }.joined(separator: ", ")
    }

    static func takingOver(_ columns: [String], _ dialect: any SQLDialect) -> String {
        columns.map { "\($0) = \(dialect.incoming($0))" }.joined(separator: ", ")
    }
}

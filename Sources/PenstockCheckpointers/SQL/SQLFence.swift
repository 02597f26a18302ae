import PenstockModel
import PenstockSQL

/// How sessions are opened and saved to: as commands that can be sent without waiting for the answer to one of them.
///
/// The session's row is always changed first: from there on to the commit nobody else gets at the session, and what is read
/// after it is what stands.
struct SQLFence: Sendable {
    private let statements: SQLStatements

    init(_ statements: SQLStatements) {
        self.statements = statements
    }

    func commands(for write: SQLWrite) -> [SQLCommand] {
        switch write {
        case .open(let opening): commands(for: opening)
        case .save(let save): statements.saving.commands(save)
        }
    }

    /// What a write has come to, by the answers to its commands.
    func outcome(of write: SQLWrite, by answers: ArraySlice<SQLAnswer>) throws(SQLError) -> SQLOutcome {
        switch write {
        case .open(let opening): .opened(try opened(opening, by: answers))
        case .save: wasTheWriters(answers) ? .saved : .fenced
        }
    }

    private func commands(for opening: SQLOpening) -> [SQLCommand] {
        let session = SQLValue.text(opening.session.text)
        return [
            statements.open([session, .text(opening.owner), .moment(opening.now)]),
            statements.opened?([session]),
            statements.position([session]), statements.start([session]),
            statements.job([.text(opening.job.text)]),
        ].compactMap(\.self)
    }

    private func opened(
        _ opening: SQLOpening, by answers: ArraySlice<SQLAnswer>
    ) throws(SQLError) -> OpenedSession {
        let rows = answers.dropFirst(statements.opened == nil ? 0 : 1).map(\.rows)
        guard rows.count == 4, let record = rows[0].first else {
            throw .bug(reason: "Opening a session was not answered.")
        }
        return OpenedSession(
            record: try record.sessionRecord(), latest: try rows[1].first?.checkpoint(),
            start: try rows[2].first?.checkpoint(), job: try rows[3].first?.jobRecord())
    }

    private func wasTheWriters(_ answers: ArraySlice<SQLAnswer>) -> Bool {
        answers.first.map { $0.changes == 1 || !$0.rows.isEmpty } ?? false
    }
}

import PenstockModel
import PenstockSQL

/// How sessions are opened and saved to, one by one: as commands that can be sent without waiting for the answer to one of them.
///
/// The session's row is always changed first: from there on to the commit nobody else gets at the session, and what is read
/// after it is what stands.
struct SQLFence: SQLGroupLanguage {
    private let statements: SQLStatements

    init(_ statements: SQLStatements) {
        self.statements = statements
    }

    func commands(for writes: [SQLWrite]) -> [SQLCommand] {
        writes.flatMap(commands)
    }

    func outcomes(of writes: [SQLWrite], by answers: [SQLAnswer]) throws(SQLError) -> [SQLOutcome] {
        var outcomes: [SQLOutcome] = []
        var rest = answers[...]
        for write in writes {
            let own = rest.prefix(commandCount(of: write))
            rest = rest.dropFirst(own.count)
            outcomes.append(try outcome(of: write, by: own))
        }
        return outcomes
    }

    private func commands(for write: SQLWrite) -> [SQLCommand] {
        switch write {
        case .look(let look): [statements.look([.text(look.session.text), .text(look.job.text)])]
        case .open(let opening): commands(for: opening)
        case .save(let save): statements.saving.commands(save)
        }
    }

    private func commandCount(of write: SQLWrite) -> Int {
        switch write {
        case .look: 1
        case .open: statements.opened == nil ? 4 : 5
        case .save(let save): statements.saving.commandCount(save)
        }
    }

    /// What a write has come to, by the answers to its commands.
    private func outcome(of write: SQLWrite, by answers: ArraySlice<SQLAnswer>) throws(SQLError) -> SQLOutcome
    {
        switch write {
        case .look(let look): .seen(try look.session(in: answers.first?.rows ?? []))
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

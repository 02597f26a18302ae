import PenstockModel
import PenstockSQL
import Synchronization

/// Commits writes in groups: all that wait when a connection is free go into one transaction, and more gather meanwhile.
///
/// Each write is answered on its own, and after the commit. A group that fails is repeated write by write. Groups are made and
/// committed on the connections' threads, each of which is a lane: a save costs one hop there and one back.
final class SQLWriteQueue: Sendable {
    private typealias Answer = Result<SQLOutcome, CheckpointerError>

    private struct Entry: Sendable {
        let write: SQLWrite
        let answer: CheckedContinuation<Answer, Never>
    }

    private struct State {
        var waiting: [Entry] = []
        /// How many connections are in use, or asked for.
        var lanes = 0
    }

    /// Keeps one transaction from growing without end while others wait for it.
    private static let largestGroup = 256
    /// After so many groups a lane goes to the end of the line of those who want its connection.
    private static let groupsInARow = 16

    private let database: any SQLDatabase
    private let language: any SQLGroupLanguage
    private let state = Mutex(State())

    init(database: any SQLDatabase, language: any SQLGroupLanguage) {
        self.database = database
        self.language = language
    }

    /// Makes a write as soon as a connection is free. Not cancelled by the caller's task.
    func make(_ write: SQLWrite) async throws(CheckpointerError) -> SQLOutcome {
        let answer = await withCheckedContinuation { answer in
            let opensLane = state.withLock { state in
                state.waiting.append(Entry(write: write, answer: answer))
                guard state.lanes < database.writers else { return false }
                state.lanes += 1
                return true
            }
            if opensLane { openLane() }
        }
        return try answer.get()
    }

    private func openLane() {
        database.lend { [self] loan in work(with: loan) }
    }

    /// Commits group after group until nothing waits.
    private func work(with loan: SQLLoan) {
        for _ in 0..<Self.groupsInARow {
            guard let group = takeGroup() else { return }
            commit(group, with: loan)
        }
        openLane()
    }

    /// What goes into the next transaction, in order of the sessions' ids, so that no two transactions wait for each other. A
    /// session's second write waits for the group after that of its first.
    ///
    /// - Returns: `nil` when nothing waits: the lane has ended.
    private func takeGroup() -> [Entry]? {
        let taken = state.withLock { state -> [Entry]? in
            guard !state.waiting.isEmpty else {
                state.lanes -= 1
                return nil
            }
            var sessions: Set<SessionID> = []
            var group: [Entry] = []
            var rest: [Entry] = []
            for entry in state.waiting {
                let isTaken = group.count < Self.largestGroup && sessions.insert(entry.write.session).inserted
                if isTaken { group.append(entry) } else { rest.append(entry) }
            }
            state.waiting = rest
            return group
        }
        return taken?.sorted { $0.write.session < $1.write.session }
    }

    private func commit(_ group: [Entry], with loan: SQLLoan) {
        do throws(SQLError) {
            let outcomes = try language.commit(group.map(\.write), with: loan)
            for (entry, outcome) in zip(group, outcomes) {
                if case .unsettled = outcome, group.count > 1 {
                    self.commit([entry], with: loan)
                } else {
                    entry.answer.resume(returning: .success(outcome))
                }
            }
        } catch {
            guard group.count > 1, !error.mayPass else { return fail(group, with: error) }
            for entry in group { commit([entry], with: loan) }
        }
    }

    private func fail(_ group: [Entry], with error: SQLError) {
        for entry in group {
            let subject = "what is stored of session \(entry.write.session)"
            entry.answer.resume(returning: .failure(CheckpointerError(error, about: subject)))
        }
    }
}

extension SQLGroupLanguage {
    /// Commits writes of different sessions in one transaction, which is begun anew when others got in its way.
    fileprivate func commit(_ writes: [SQLWrite], with loan: SQLLoan) throws(SQLError) -> [SQLOutcome] {
        let batch = SQLBatch(commands(for: writes), isDurable: writes.contains(where: \.isDurable))
        var tries = SQLTries()
        let answers = try tries.make { () throws(SQLError) in try loan.commit(batch) }
        let outcomes = try outcomes(of: writes, by: answers)
        guard outcomes.count == writes.count else {
            throw .bug(reason: "\(writes.count) writes have come to \(outcomes.count) outcomes.")
        }
        return outcomes
    }
}

import PenstockModel
import PenstockSQL
import Synchronization

/// Commits writes in groups: all that wait when a connection is free go into one transaction, and more gather meanwhile.
///
/// Each write is answered on its own, and after the commit. A group that fails is repeated write by write. Groups are made and
/// committed on the connections' threads, each of which is a lane: a save costs one hop there and one back. A lane waits until as many
/// writes have gathered as the others are committing, or enough: what a commit costs is shared by more, and two lanes take turns
/// instead of hurrying after single writes.
final class SQLWriteQueue: Sendable {
    private typealias Answer = Result<SQLOutcome, CheckpointerError>

    private struct Entry: Sendable {
        let write: SQLWrite
        /// Whether it is to be made in a transaction of its own.
        var isAlone = false
        let answer: CheckedContinuation<Answer, Never>
    }

    private struct State {
        var waiting: [Entry] = []
        /// How many connections are in use, or asked for.
        var lanes = 0
        /// How many writes the lanes are committing.
        var committing = 0

        var isGroupReady: Bool {
            guard let first = waiting.first else { return false }
            return first.isAlone || waiting.count >= min(committing, SQLWriteQueue.enough)
        }
    }

    /// So many writes wait for no more of them. Whoever commits for long, behind another's lock, does not hold them up.
    static let enough = 16
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
            put([Entry(write: write, answer: answer)])
        }
        return try answer.get()
    }

    /// Puts writes into the line, those to be made alone in front.
    private func put(_ entries: [Entry]) {
        let opensLane = state.withLock { state in
            state.waiting.insert(
                contentsOf: entries, at: entries.first?.isAlone == true ? 0 : state.waiting.count)
            guard state.isGroupReady, state.lanes < database.writers else { return false }
            state.lanes += 1
            return true
        }
        if opensLane { openLane() }
    }

    private func openLane() {
        database.lend { [self] loan in work(with: loan) }
    }

    /// Commits group after group until none is ready.
    private func work(with loan: SQLLoan) {
        for _ in 0..<Self.groupsInARow {
            guard let group = takeGroup() else { return }
            commit(group, with: loan)
            state.withLock { $0.committing -= group.count }
        }
        openLane()
    }

    /// What goes into the next transaction, in order of the sessions' ids, so that no two transactions wait for each other. A
    /// session's second write waits for the group after that of its first.
    ///
    /// - Returns: `nil` when none is ready: the lane has ended.
    private func takeGroup() -> [Entry]? {
        let taken = state.withLock { state -> [Entry]? in
            guard state.isGroupReady else {
                state.lanes -= 1
                return nil
            }
            let group = Self.nextGroup(from: &state.waiting)
            state.committing += group.count
            return group
        }
        return taken?.sorted { $0.write.session < $1.write.session }
    }

    private static func nextGroup(from waiting: inout [Entry]) -> [Entry] {
        if waiting.first?.isAlone == true { return [waiting.removeFirst()] }
        var sessions: Set<SessionID> = []
        var group: [Entry] = []
        var rest: [Entry] = []
        for entry in waiting {
            let isTaken = group.count < largestGroup && sessions.insert(entry.write.session).inserted
            if isTaken { group.append(entry) } else { rest.append(entry) }
        }
        waiting = rest
        return group
    }

    /// Begun anew when others got in the way of the transaction.
    private func commit(_ group: [Entry], with loan: SQLLoan) {
        let writes = group.map(\.write)
        let batch = SQLBatch(
            language.commands(for: writes), isDurable: writes.contains(where: \.isDurable),
            isReading: writes.allSatisfy(\.isReading))
        do throws(SQLError) {
            var tries = SQLTries()
            try tries.make { () throws(SQLError) in
                try loan.commit(batch, whileOthersWait: { state.withLock { !$0.waiting.isEmpty } }) {
                    result in
                    self.settle(group, by: result)
                }
            }
        } catch {
            settle(group, by: .failure(error))
        }
    }

    private func settle(_ group: [Entry], by result: Result<[SQLAnswer], SQLError>) {
        do throws(SQLError) {
            let outcomes = try language.outcomes(of: group.map(\.write), by: result.get())
            var unsettled: [Entry] = []
            for (entry, outcome) in zip(group, outcomes) {
                if case .unsettled = outcome, group.count > 1 {
                    unsettled.append(entry)
                } else {
                    entry.answer.resume(returning: .success(outcome))
                }
            }
            if !unsettled.isEmpty { makeAlone(unsettled) }
        } catch {
            if group.count > 1, !error.mayPass { makeAlone(group) } else { fail(group, with: error) }
        }
    }

    private func makeAlone(_ entries: [Entry]) {
        put(
            entries.map { entry in
                var entry = entry
                entry.isAlone = true
                return entry
            })
    }

    private func fail(_ group: [Entry], with error: SQLError) {
        for entry in group {
            let subject = "what is stored of session \(entry.write.session)"
            entry.answer.resume(returning: .failure(CheckpointerError(error, about: subject)))
        }
    }
}

import PenstockModel
import PenstockSQL
import Synchronization

/// Commits writes in groups: all that wait when a connection is free go into one transaction, and more gather meanwhile.
///
/// Each write is answered on its own, and after the commit. A group that fails is repeated write by write. Groups are made and
/// committed where their connection is lent, on its thread or on a loop. Each connection is a lane: a lane waits until as many
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
    private let mostLanes: Int
    private let state = Mutex(State())

    init(database: any SQLDatabase, lanes: Int, language: any SQLGroupLanguage) {
        self.database = database
        self.language = language
        mostLanes = lanes
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
            guard state.isGroupReady, state.lanes < mostLanes else { return false }
            state.lanes += 1
            return true
        }
        if opensLane { openLane() }
    }

    private func openLane() {
        database.lend { [self] loan in commitNext(of: Self.groupsInARow, with: loan) }
    }

    /// Commits group after group until none is ready.
    private func commitNext(of groups: Int, with loan: SQLLoan) {
        if groups == 0 {
            openLane()
            loan.giveBack()
        } else if let group = takeGroup() {
            commit(group, with: loan, SQLTries()) { [self] in
                state.withLock { $0.committing -= group.count }
                commitNext(of: groups - 1, with: loan)
            }
        } else {
            loan.giveBack()
        }
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
    private func commit(
        _ group: [Entry], with loan: SQLLoan, _ tries: SQLTries, then next: @escaping @Sendable () -> Void
    ) {
        let writes = group.map(\.write)
        let batch = SQLBatch(
            language.commands(for: writes), isDurable: writes.contains(where: \.isDurable),
            isReading: writes.allSatisfy(\.isReading))
        loan.commit(batch, whileOthersWait: { state.withLock { !$0.waiting.isEmpty } }) { [self] result in
            settle(group, by: result)
        } next: { [self] error in
            if let error {
                var tries = tries
                if tries.allowAnother(after: error) { return commit(group, with: loan, tries, then: next) }
                settle(group, by: .failure(error))
            }
            next()
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

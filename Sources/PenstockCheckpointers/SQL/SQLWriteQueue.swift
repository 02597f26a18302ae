import PenstockModel
import PenstockSQL
import Synchronization

/// Commits writes in groups: all that wait when the connection is free go into one transaction, and more gather meanwhile.
///
/// Each write is answered on its own, and after the commit. A group that fails is repeated write by write.
final class SQLWriteQueue: Sendable {
    private typealias Answer = Result<SQLOutcome, CheckpointerError>

    private final class Entry: Sendable {
        let write: SQLWrite
        let answer: CheckedContinuation<Answer, Never>

        init(_ write: SQLWrite, answer: CheckedContinuation<Answer, Never>) {
            self.write = write
            self.answer = answer
        }
    }

    private struct State {
        var waiting: [Entry] = []
        /// What the transaction under way holds.
        var group: [Entry] = []
        var isAtWork = false
    }

    /// Keeps one transaction from growing without end while others wait for it.
    private static let largestGroup = 256

    private let database: any SQLDatabase
    private let fence: SQLFence
    private let state = Mutex(State())

    init(database: any SQLDatabase, fence: SQLFence) {
        self.database = database
        self.fence = fence
    }

    /// Makes a write as soon as the connection is free. Not cancelled by the caller's task.
    func make(_ write: SQLWrite) async throws(CheckpointerError) -> SQLOutcome {
        let answer = await withCheckedContinuation { answer in
            let isIdle = state.withLock { state in
                state.waiting.append(Entry(write, answer: answer))
                defer { state.isAtWork = true }
                return !state.isAtWork
            }
            if isIdle { Task { await work() } }
        }
        return try answer.get()
    }

    /// Commits group after group until nothing waits.
    private func work() async {
        while isWanted() {
            await commitGroup()
            // Those who were just answered go first: what they write next joins the next group.
            await Task.yield()
        }
    }

    private func isWanted() -> Bool {
        state.withLock { state in
            state.isAtWork = !state.waiting.isEmpty
            return state.isAtWork
        }
    }

    private func commitGroup() async {
        var tries = SQLTries()
        do throws(SQLError) {
            let outcomes = try await database.write(tries: &tries) { connection throws(SQLError) in
                try self.makeGroup(on: connection)
            }
            for (entry, outcome) in zip(endGroup(), outcomes) {
                entry.answer.resume(returning: .success(outcome))
            }
        } catch {
            let group = formGroup()
            _ = endGroup()
            await group.count > 1 && !error.mayPass ? commitOneByOne(group) : fail(group, with: error)
        }
    }

    /// Takes what waits now, on the connection's thread, where the transaction has begun: at the last moment.
    private func makeGroup(on connection: any SQLConnection) throws(SQLError) -> [SQLOutcome] {
        var outcomes: [SQLOutcome] = []
        for entry in formGroup() {
            outcomes.append(try fence.make(entry.write, on: connection))
        }
        return outcomes
    }

    /// The group of the transaction that was begun, the same again at each try: in order of the sessions' ids, so that no
    /// two processes wait for each other, and of arrival within a session.
    private func formGroup() -> [Entry] {
        state.withLock { state in
            if state.group.isEmpty {
                let taken = state.waiting.prefix(Self.largestGroup)
                state.group = taken.enumerated().sorted { left, right in
                    (left.element.write.session, left.offset) < (right.element.write.session, right.offset)
                }.map(\.element)
                state.waiting.removeFirst(taken.count)
            }
            return state.group
        }
    }

    private func endGroup() -> [Entry] {
        state.withLock { state in
            defer { state.group = [] }
            return state.group
        }
    }

    private func commitOneByOne(_ group: [Entry]) async {
        var tries = SQLTries()
        for entry in group {
            do throws(SQLError) {
                let fence = fence
                let outcome = try await database.write(tries: &tries) { connection throws(SQLError) in
                    try fence.make(entry.write, on: connection)
                }
                entry.answer.resume(returning: .success(outcome))
            } catch {
                fail([entry], with: error)
            }
        }
    }

    private func fail(_ entries: [Entry], with error: SQLError) {
        for entry in entries {
            let subject = "what is stored of session \(entry.write.session)"
            entry.answer.resume(returning: .failure(CheckpointerError(error, about: subject)))
        }
    }
}

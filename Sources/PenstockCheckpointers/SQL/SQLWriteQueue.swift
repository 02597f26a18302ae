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
        let commands: [SQLCommand]
        let answer: CheckedContinuation<Answer, Never>

        init(_ write: SQLWrite, commands: [SQLCommand], answer: CheckedContinuation<Answer, Never>) {
            self.write = write
            self.commands = commands
            self.answer = answer
        }
    }

    /// The writes of one transaction: taken at the last moment, and the same again at each try.
    private final class Group: Sendable {
        private let entries = Mutex<[Entry]?>(nil)

        func form(_ take: () -> [Entry]) -> [Entry] {
            entries.withLock { entries in
                let formed = entries ?? take()
                entries = formed
                return formed
            }
        }
    }

    private struct State {
        var waiting: [Entry] = []
        /// How many transactions are under way, or about to be.
        var lanes = 0
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

    /// Makes a write as soon as a connection is free. Not cancelled by the caller's task.
    func make(_ write: SQLWrite) async throws(CheckpointerError) -> SQLOutcome {
        let commands = fence.commands(for: write)
        let answer = await withCheckedContinuation { answer in
            let opensLane = state.withLock { state in
                state.waiting.append(Entry(write, commands: commands, answer: answer))
                guard state.lanes < database.writers else { return false }
                state.lanes += 1
                return true
            }
            if opensLane { Task { await work() } }
        }
        return try answer.get()
    }

    /// Commits group after group until nothing waits.
    private func work() async {
        while isWanted() {
            await commit(Group())
            // Those who were just answered go first: what they write next joins the next group.
            await Task.yield()
        }
    }

    private func isWanted() -> Bool {
        state.withLock { state in
            if state.waiting.isEmpty { state.lanes -= 1 }
            return !state.waiting.isEmpty
        }
    }

    private func commit(_ group: Group) async {
        var tries = SQLTries()
        do throws(SQLError) {
            let answers = try await database.commit(tries: &tries) { self.batch(of: self.entries(of: group)) }
            var rest = answers[...]
            for entry in entries(of: group) { answer(entry, by: &rest) }
        } catch {
            let entries = entries(of: group)
            await entries.count > 1 && !error.mayPass ? commitOneByOne(entries) : fail(entries, with: error)
        }
    }

    /// In order of the sessions' ids, so that no two transactions wait for each other, and of arrival within a session.
    private func entries(of group: Group) -> [Entry] {
        group.form {
            state.withLock { state in
                let taken = state.waiting.prefix(Self.largestGroup)
                state.waiting.removeFirst(taken.count)
                return taken.enumerated().sorted { left, right in
                    (left.element.write.session, left.offset) < (right.element.write.session, right.offset)
                }.map(\.element)
            }
        }
    }

    private func batch(of entries: [Entry]) -> SQLBatch {
        SQLBatch(
            entries.flatMap(\.commands),
            isDurable: entries.contains { $0.write.isDurable })
    }

    /// Takes from the front what belongs to the entry.
    private func answer(_ entry: Entry, by answers: inout ArraySlice<SQLAnswer>) {
        let own = answers.prefix(entry.commands.count)
        answers = answers.dropFirst(own.count)
        do throws(SQLError) {
            entry.answer.resume(returning: .success(try fence.outcome(of: entry.write, by: own)))
        } catch {
            fail([entry], with: error)
        }
    }

    private func commitOneByOne(_ entries: [Entry]) async {
        var tries = SQLTries()
        for entry in entries {
            do throws(SQLError) {
                let answers = try await database.commit(tries: &tries) { self.batch(of: [entry]) }
                var rest = answers[...]
                answer(entry, by: &rest)
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

import PenstockModel

@testable import PenstockCheckpointers

extension FaultyStore {
    /// Opens a session each.
    func writers(_ count: Int) async throws -> [Writer] {
        var writers: [Writer] = []
        for number in 0..<count {
            writers.append(
                try await Writer.open(
                    SessionID(checking: "s-\(number)"), in: store, job: JobID(checking: "job-\(number)")))
        }
        return writers
    }

    /// Makes the saves so that all of them wait while a transaction is under way, and so go into one group.
    ///
    /// On one actor each task runs up to where it waits for the answer before the next one begins.
    @MainActor
    func saveTogether(
        _ saves: [Save], failing faults: [FaultyDatabase.Fault] = []
    ) async -> [Result<Void, any Error>] {
        let hold = database.holdNext()
        let first = Task { @MainActor in try await store.open("first", for: "first", as: "first") }
        await hold.isReached()
        database.fail(faults)
        let tasks = saves.map { save in Task { @MainActor in try await store.save(save) } }
        await Task { @MainActor in }.value
        hold.end()
        _ = await first.result
        var results: [Result<Void, any Error>] = []
        for task in tasks { results.append(await task.result) }
        return results
    }
}

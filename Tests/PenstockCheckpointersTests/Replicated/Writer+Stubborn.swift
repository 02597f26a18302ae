import PenstockModel

@testable import PenstockCheckpointers

extension Writer {
    /// Saves as the engine does: asks again, the same, while there is no answer, and opens the session anew when it is fenced.
    ///
    /// - Returns: The checkpoint that was acknowledged.
    @discardableResult
    mutating func saveStubbornly() async throws -> CheckpointID {
        var draft = draft()
        while true {
            do throws(CheckpointerError) {
                try await store.save(draft)
                seen += 1
                return draft.checkpoint?.id ?? ""
            } catch {
                switch error {
                case .unavailable: await Task.yield()
                case .fenced:
                    self = try await Self.openStubbornly(session, in: store, job: job)
                    draft = self.draft()
                case .refused, .unfit, .unreadable: throw error
                }
            }
        }
    }

    static func openStubbornly(
        _ session: SessionID, in store: any Checkpointer, job: JobID
    ) async throws -> Writer {
        while true {
            do {
                return try await open(session, in: store, job: job)
            } catch CheckpointerError.unavailable {
                await Task.yield()
            }
        }
    }
}

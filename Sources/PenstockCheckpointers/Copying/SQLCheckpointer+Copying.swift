package import PenstockModel
import PenstockSQL

extension SQLCheckpointer: CopyTarget {
    package func checkpoints(
        firstOf ids: ArraySlice<CheckpointID>, of session: SessionID, upTo bytes: Int
    ) async throws(CheckpointerError) -> (found: [Checkpoint], looked: Int) {
        let commands = ids.map { statements.checkpoint([.text($0.text), .text(session.text)]) }
        return try await read(about: "a checkpoint of session \(session)") { connection throws(SQLError) in
            var portion = CopyPortion(limit: bytes)
            // One that is over the limit was read in vain: a statement more, and no second way to ask for sizes.
            for command in commands {
                let found = try connection.run(command).rows.first?.checkpoint()
                guard portion.takes(found?.state.count ?? 0) else { break }
                portion.add(found)
            }
            return (portion.found, portion.looked)
        }
    }
}

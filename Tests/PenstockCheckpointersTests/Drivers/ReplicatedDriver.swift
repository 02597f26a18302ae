import PenstockCheckpointers
import PenstockModel
import Testing

extension CheckpointerDriver {
    /// A store in memory and a SQLite file; two workers, each with a pair of its own.
    static let replicated = CheckpointerDriver("replicated") { use in
        let scratch = try ScratchFolder()
        let memory = MemoryCheckpointer()
        let first = ReplicatedCheckpointer(
            primary: CutReplica(memory), secondary: try await SQLCheckpointer.sqlite(path: scratch.file))
        let second = ReplicatedCheckpointer(
            primary: CutReplica(memory), secondary: try await SQLCheckpointer.sqlite(path: scratch.file))
        // While a pair is joining, an opening may be made anew, which raises the epoch once more.
        while try await memory.standing()?.standby != .complete { _ = try await first.size() }
        _ = try await second.size()
        try await use(first, second)
        await first.close()
        await second.close()
        // A test may end before the pair has seen that nothing is left to copy; but neither store was given up.
        #expect(try await memory.standing()?.standby != .alone)
    }
}

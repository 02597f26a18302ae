import PenstockCheckpointers

extension CheckpointerDriver {
    static let sqlite = CheckpointerDriver("sqlite") { use in
        let scratch = try ScratchFolder()
        let first = try await SQLCheckpointer.sqlite(path: scratch.file)
        let second = try await SQLCheckpointer.sqlite(path: scratch.file)
        try await use(first, second)
        await first.close()
        await second.close()
    }
}

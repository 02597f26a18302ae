import PenstockCheckpointers

extension CheckpointerDriver {
    static let memory = CheckpointerDriver("memory") { use in
        let store = MemoryCheckpointer()
        try await use(store, store)
        await store.close()
    }
}

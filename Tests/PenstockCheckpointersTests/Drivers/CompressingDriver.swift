import PenstockCheckpointers
import PenstockModel

extension CheckpointerDriver {
    /// Over a store in memory, compressing whatever gets smaller by it.
    static let compressing = CheckpointerDriver("compressing") { use in
        let store = CompressingCheckpointer(in: MemoryCheckpointer(), from: 0)
        try await use(store, store)
        await store.close()
    }
}

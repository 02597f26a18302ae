import PenstockCheckpointers
import PenstockModel
import Testing

@Suite struct CompressingTests {
    private let inner = MemoryCheckpointer()
    private let large = #"{"log":"\#(String(repeating: "the same again, ", count: 1_000))"}"#

    @Test func `a large state takes less room and comes back as it was`() async throws {
        let store = CompressingCheckpointer(in: inner, from: 1_000)
        var writer = try await Writer.open("s", in: store)
        try await writer.save(state: large)
        try await writer.save(state: #"{"small":true}"#)
        let stored = try await inner.history(of: "s")
        #expect(stored[1].state.count < 500)
        #expect(stored[0].state == Array(#"{"small":true}"#.utf8))
        #expect(try await store.history(of: "s").map(\.state) == [stored[0].state, Array(large.utf8)])
        #expect(try await store.open("s", for: "job-2", as: "next").latest?.state == stored[0].state)
    }

    @Test func `a store that compresses no more still reads what it has`() async throws {
        var writer = try await Writer.open("s", in: CompressingCheckpointer(in: inner, from: 0))
        try await writer.save(state: large)
        let store = CompressingCheckpointer(in: inner, from: nil)
        #expect(try await store.latest(of: "s")?.state == Array(large.utf8))
    }

    @Test(arguments: [nil, 0])
    func `a state that looks compressed is not taken for one that is`(_ threshold: Int?) async throws {
        let store = CompressingCheckpointer(in: inner, from: threshold)
        var writer = try await Writer.open("s", in: store)
        for state in [#"{"__zstd__":"KLUv"}"#, #"{"__zstd__":"#, #"{"__zstd__":5}"#] {
            try await writer.save(state: state)
            #expect(try await store.latest(of: "s")?.state == Array(state.utf8))
        }
    }

    @Test func `a damaged state is named`() async throws {
        var writer = try await Writer.open("s", in: inner)
        let saved = try await writer.save(state: #"{"__zstd__":"AAAA"}"#)
        let store = CompressingCheckpointer(in: inner, from: nil)
        await #expect {
            try await store.latest(of: "s")
        } throws: { error in
            guard case CheckpointerError.unreadable(let what, _) = error else { return false }
            return what.contains(saved.id.text)
        }
    }
}

import PenstockModel
import Testing

/// A kind of store that llmfy has written to: what it writes is no driver's to write.
struct LlmfyDriver: Sendable, CustomTestStringConvertible {
    static let session = LlmfyTable.session
    static let all = [
        LlmfyDriver(name: "sqlite") { rows, use in
            try await LlmfyTable.with(rows) { try await use($0.store) }
        },
        LlmfyDriver(name: "redis") { rows, use in
            try await LlmfyRows.with(rows) { try await use($0.store) }
        },
    ]

    let name: String
    /// With the first `rows` of the rows `__start__` (step 0), fetch (1), score (2) and write (3).
    let withStore:
        @Sendable (_ rows: Int, _ use: (any Checkpointer) async throws -> Void) async throws -> Void

    var testDescription: String { name }
}

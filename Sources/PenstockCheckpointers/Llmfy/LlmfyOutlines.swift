import PenstockModel
import Synchronization

/// The outline of the session that is being copied: asked for where it stands, read for each of its parts.
final class LlmfyOutlines: Sendable {
    private let last = Mutex<(session: SessionID, outline: LlmfyOutline?)?>(nil)

    /// The outline as it was when it was last loaded.
    func outline(
        of session: SessionID, anew: Bool = false,
        load: () async throws(CheckpointerError) -> LlmfyOutline?
    ) async throws(CheckpointerError) -> LlmfyOutline? {
        let kept = last.withLock { $0 }
        if !anew, let kept, kept.session == session { return kept.outline }
        let outline = try await load()
        last.withLock { $0 = (session, outline) }
        return outline
    }
}

import PenstockJSON
import PenstockModel
import Synchronization

/// Makes checkpoints of completed nodes, and has them saved.
final class CheckpointKeeper<State: Sendable>: Sendable {
    let writer: SessionWriter
    private let plan: FlowPlan<State>
    private let metadata: JSONObject
    private let events: FlowEvents?
    /// Whether the claim is still its holder's: waited for before the first save.
    private let confirmation: RunControl.Confirmation?
    private let isConfirmed: Atomic<Bool>
    private let errand: RunControl.Errand?
    private let hasSaved = Atomic(false)

    init(
        _ writer: SessionWriter, plan: FlowPlan<State>, order: RunOrder, control: RunControl,
        events: FlowEvents?
    ) {
        self.writer = writer
        self.plan = plan
        self.events = events
        metadata = order.metadata
        confirmation = control.confirm?()
        isConfirmed = Atomic(confirmation == nil)
        errand = control.errand
    }

    /// Saves the checkpoint of a completed node, and tells what it was.
    @discardableResult
    func save(_ completed: CompletedNode<State>) async throws(Halt) -> NodeCommit {
        let commit = try commit(completed)
        try await confirm()
        let errand = errand?(!hasSaved.load(ordering: .relaxed), commit.result)
        do throws(SaveFailure) {
            try await writer.save(commit, resultKeys: plan.settings.resultKeys, with: errand)
            hasSaved.store(true, ordering: .relaxed)
        } catch {
            if case .refused? = errand?.outcome { throw .cancelled }
            throw .save(error)
        }
        events?(.checkpointSaved(commit.id, node: commit.node, step: commit.step))
        return commit
    }

    private func confirm() async throws(Halt) {
        guard let confirmation, !isConfirmed.load(ordering: .acquiring) else { return }
        guard await confirmation() else { throw .cancelled }
        isConfirmed.store(true, ordering: .releasing)
    }

    private func commit(_ completed: CompletedNode<State>) throws(Halt) -> NodeCommit {
        let after = completed.after
        do {
            let state = try plan.shape.encode(after.held)
            let limit = plan.settings.maxStateBytes
            guard state.count <= limit else {
                throw StateTooLarge(flow: plan.name, node: completed.node, bytes: state.count, limit: limit)
            }
            return NodeCommit(
                id: CheckpointID(UUIDv7Source.shared.next()), node: completed.node, step: after.step,
                state: state, next: after.next, run: after.run,
                runStep: after.runStep, metadata: metadata(with: completed.notes),
                result: after.next == .end
                    ? try resultBytes(of: state, keys: plan.settings.resultKeys) : nil)
        } catch {
            throw .failed(at: completed.node, step: after.step, error)
        }
    }

    private func metadata(with notes: Notes) -> [UInt8]? {
        var metadata = metadata
        if let noted = notes.all { metadata.merge(noted) }
        return metadata.isEmpty ? nil : JSON.object(metadata).bytes
    }
}

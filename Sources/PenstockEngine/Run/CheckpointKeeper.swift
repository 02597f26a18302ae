import PenstockModel

/// Saves the checkpoints of a run as often as its flow wants it.
///
/// Whatever the durability, what is stored is always a true standing of the run: a save starts only when the one before it has
/// succeeded.
struct CheckpointKeeper {
    private let writer: SessionWriter
    private let settings: FlowSettings
    private let events: (@Sendable (FlowEvent) -> Void)?
    /// Whether the claim is still its holder's: waited for before the first save.
    private var confirmation: Task<Bool, Never>?
    /// The save that is under way while the next node runs (``Durability/async``).
    private var pending: Task<SaveFailure?, Never>?
    /// What has not been saved yet (``Durability/exit``).
    private var unsaved: NodeCommit?

    init(
        _ writer: SessionWriter, settings: FlowSettings, control: RunControl,
        events: (@Sendable (FlowEvent) -> Void)?
    ) {
        self.writer = writer
        self.settings = settings
        self.events = events
        confirmation = control.confirm.map { confirm in Task { await confirm() } }
    }

    /// Keeps a node's checkpoint: when this returns it is saved, being saved, or remembered, and the last one is saved.
    mutating func keep(_ commit: NodeCommit) async throws(SaveFailure) {
        try await waitForPending()
        if commit.next == .end { return try await save(commit) }
        switch settings.durability {
        case .sync:
            try await save(commit)
        case .async:
            try await waitForConfirmation()
            pending = Task { [self] in
                do throws(SaveFailure) { try await put(commit) } catch { return error }
                return nil
            }
        case .exit:
            unsaved = commit
        }
    }

    /// Saves what is not saved yet.
    mutating func flush() async throws(SaveFailure) {
        try await waitForPending()
        if let unsaved { try await save(unsaved) }
    }

    /// Starts no save, and waits for the one under way.
    mutating func abandon() async {
        confirmation?.cancel()
        unsaved = nil
        _ = await pending?.value
        pending = nil
    }

    private mutating func save(_ commit: NodeCommit) async throws(SaveFailure) {
        try await waitForConfirmation()
        unsaved = nil
        try await put(commit)
    }

    private func put(_ commit: NodeCommit) async throws(SaveFailure) {
        try await writer.save(commit, resultKeys: settings.resultKeys)
        events?(.checkpointSaved(commit.id, node: commit.node, step: commit.step))
    }

    private mutating func waitForPending() async throws(SaveFailure) {
        guard let task = pending else { return }
        pending = nil
        if let failure = await task.value { throw failure }
    }

    private mutating func waitForConfirmation() async throws(SaveFailure) {
        guard let task = confirmation else { return }
        confirmation = nil
        if await !task.value { throw .cancelled }
    }
}

/// A store of checkpoints, sessions and the results of jobs.
///
/// Its one hard promise is the fence: once ``open(_:for:as:)`` has answered, no earlier opener of that session can write to it,
/// whatever it still has under way. Every method may be called from any number of tasks at once.
public protocol Checkpointer: Sendable {
    /// Takes the session over: raises its epoch, notes the owner, and reads where it stands, in one atomic step.
    ///
    /// A session that the store has never seen comes into being with epoch 1 and head 0. Where the greatest stored step is
    /// above the record's head (llmfy writes checkpoints and knows no session record), it becomes the head.
    ///
    /// - Parameters:
    ///   - session: The session to take over.
    ///   - job: The job on whose behalf: its record is read too.
    ///   - owner: A token that was never used before; writes have to name it.
    /// - Returns: The session as its new owner finds it.
    /// - Throws: ``CheckpointerError/unavailable(reason:)`` or ``CheckpointerError/unreadable(what:reason:)``: the session may have
    ///   been opened all the same; open again, with a new token.
    func open(
        _ session: SessionID, for job: JobID, as owner: String
    ) async throws(CheckpointerError) -> OpenedSession

    /// Reads what ``open(_:for:as:)`` would and changes nothing, for a writer whose first save opens the session, see
    /// ``Save/opening``.
    ///
    /// A session that the store has never seen has epoch 0, no owner and head 0. What was written while this was read changes
    /// the fence, so that a save that relies on it is refused.
    ///
    /// - Parameters:
    ///   - session: The session to look at.
    ///   - job: The job on whose behalf: its record is read too.
    /// - Returns: The session as it stands; `nil` where a save may not open it, because llmfy has written since our last save, or
    ///   because this store cannot tell. Then it has to be opened first.
    /// - Throws: ``CheckpointerError/unavailable(reason:)`` or ``CheckpointerError/unreadable(what:reason:)``.
    func look(
        at session: SessionID, for job: JobID
    ) async throws(CheckpointerError) -> OpenedSession?

    /// Writes a checkpoint, the job's record and the session's new standing: all of it or nothing.
    ///
    /// It succeeds if the session's epoch and owner are the writer's and its head is the one the writer last saw; or if this very
    /// checkpoint is stored already, because the answer to an earlier try was lost. The same save may therefore be
    /// asked for again. One that opens the session as well takes it over in the same step, see ``Save/opening``.
    ///
    /// - Throws: ``CheckpointerError/fenced(session:epoch:)`` when another has opened the session since: nothing was written and
    ///   nothing ever will be. ``CheckpointerError/unavailable(reason:)`` when it is unknown whether the write took effect.
    func save(_ save: Save) async throws(CheckpointerError)

    /// The latest checkpoint of a session, that is the one with the greatest step.
    func latest(of session: SessionID) async throws(CheckpointerError) -> Checkpoint?

    /// The checkpoint with that id, if it belongs to that session.
    func checkpoint(_ id: CheckpointID, of session: SessionID) async throws(CheckpointerError) -> Checkpoint?

    /// The session's checkpoints, newest first.
    ///
    /// - Parameters:
    ///   - session: The session.
    ///   - limit: The most to return; none for 0 and less.
    ///   - step: Only those with a lesser step, when given: the way to the next page.
    /// - Returns: The checkpoints, their states included.
    /// - Throws: ``CheckpointerError``.
    func checkpoints(
        of session: SessionID, limit: Int, before step: Int?
    ) async throws(CheckpointerError) -> [Checkpoint]

    /// What is kept of a session; `nil` if it was never opened here. A session that only llmfy wrote has a record with epoch 0.
    ///
    /// - Throws: ``CheckpointerError``.
    func session(_ session: SessionID) async throws(CheckpointerError) -> SessionSummary?

    /// The sessions in order of their ids.
    ///
    /// - Parameters:
    ///   - limit: The most to return; none for 0 and less.
    ///   - session: Only those with a greater id, when given: the way to the next page.
    /// - Returns: The sessions, without their states.
    /// - Throws: ``CheckpointerError``.
    func sessions(limit: Int, after session: SessionID?) async throws(CheckpointerError) -> [SessionSummary]

    /// What is kept of a job; `nil` for one that the store never saw, or that is no longer kept.
    ///
    /// - Throws: ``CheckpointerError``.
    func job(_ job: JobID) async throws(CheckpointerError) -> JobRecord?

    /// Forgets one checkpoint, if it belongs to that session. The session's epoch is raised: a writer has to open it anew.
    ///
    /// - Returns: Whether there was one.
    /// - Throws: ``CheckpointerError/unavailable(reason:)``: it may have been done all the same; doing it again does no harm.
    @discardableResult
    func delete(_ id: CheckpointID, of session: SessionID) async throws(CheckpointerError) -> Bool

    /// Forgets all checkpoints and jobs of a session and the flow that it belonged to. Its record stays, with the epoch
    /// raised and the head as it was: a zombie stays fenced, and no step is ever given twice.
    ///
    /// - Throws: ``CheckpointerError/unavailable(reason:)``: it may have been done all the same; doing it again does no harm.
    func reset(_ session: SessionID) async throws(CheckpointerError)

    /// Removes what is no longer kept of some sessions: a pass begins without a position, and goes on from each page's
    /// `next` until there is none.
    ///
    /// The last checkpoint of a session stays while the session runs, waits or has failed, and while anybody opened or wrote it
    /// within a day (or within the rule's age, if that is longer). A checkpoint that is a job's result stays as long as the
    /// job's record. No writer notices, but for this: with the last checkpoint the session's epoch is raised. The
    /// session's record stays, so that a zombie stays fenced and no step is given twice. A session that no flow has written yet
    /// (llmfy's, one that was only opened, one that was reset) is left alone.
    ///
    /// - Parameters:
    ///   - retention: What is kept.
    ///   - position: Where to go on; `nil` to begin.
    ///   - limit: About how many sessions to look at; fewer where much is to be removed, some hundred rows at a time.
    ///   - isDryRun: Whether to tell only what would be removed.
    ///   - now: The moment from which ages are counted back.
    /// - Returns: What was removed, and where to go on.
    /// - Throws: ``CheckpointerError/unavailable(reason:)``: something may have been removed all the same; going on from the
    ///   same position does no harm.
    func clean(
        _ retention: Retention, from position: CleaningPosition?, limit: Int, isDryRun: Bool, now: Timestamp
    ) async throws(CheckpointerError) -> CleanedPage

    /// Forgets everything in this store, the records of sessions included.
    ///
    /// - Throws: ``CheckpointerError/unavailable(reason:)``: some of it, or all, may be gone; doing it again does no harm.
    func clear() async throws(CheckpointerError)

    /// How many sessions and checkpoints there are, and their bytes.
    ///
    /// - Throws: ``CheckpointerError``.
    func size() async throws(CheckpointerError) -> StoreSize

    /// Whether the store answers, and what it says about itself and its durability: pairs for people to read, in order.
    ///
    /// - Throws: ``CheckpointerError``, when it does not answer.
    func ping() async throws(CheckpointerError) -> [StoreFact]

    /// Where a run whose nodes take no time goes on without another thread being woken for it.
    ///
    /// - Parameter isAlone: Whether no other run is under way.
    /// - Returns: What runs tasks on the thread on which the store's answers come in; `nil` where there is none, or where they would be
    ///   in the way.
    func executor(isAlone: Bool) -> (any TaskExecutor)?

    /// Waits for what is under way and lets go of the store. Calls after it throw ``CheckpointerError/unavailable(reason:)``.
    func close() async
}

extension Checkpointer {
    /// Nowhere: `nil`.
    public func executor(isAlone: Bool) -> (any TaskExecutor)? { nil }

    /// Tells nothing: every session is opened before it is written to.
    public func look(
        at session: SessionID, for job: JobID
    ) async throws(CheckpointerError) -> OpenedSession? {
        nil
    }

    /// Whether the session has been opened or written here.
    public func exists(_ session: SessionID) async throws(CheckpointerError) -> Bool {
        try await self.session(session) != nil
    }
}

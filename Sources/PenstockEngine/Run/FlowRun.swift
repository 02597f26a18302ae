import PenstockJSON
import PenstockModel

/// One attempt at a run: from where the session stands, node by node, until END or something in the way.
struct FlowRun<State: Sendable>: Sendable {
    let plan: FlowPlan<State>
    let order: RunOrder
    let input: Update<State>?
    let control: RunControl
    let log: Log
    let events: FlowEvents?

    /// How it ended.
    enum End {
        /// It reached END: the state there, and the result as JSON, if it was saved.
        case finished(HeldState<State>, result: [UInt8]?)
        /// The job was done before this attempt.
        case done(JobRecord)
        case ended(RunOutcome)
    }

    /// The most bytes of message and state that are worked on where the attempt was begun, which may be where the answers of others are
    /// handed out: to read, merge and write more would hold them up.
    private static var mostBytesHere: Int { 16 * 1024 }

    /// Runs in a session, with a checkpoint for every node.
    func run(in opened: OpenedSession, writer: SessionWriter) async -> End {
        let stateBytes = opened.latest?.state.count ?? 0
        if order.messageBytes + stateBytes > Self.mostBytesHere {
            return await aside { await run(in: opened, of: nil, writer: writer) }
        }
        return await run(in: opened, of: stateBytes, writer: writer)
    }

    /// Does something where it holds nobody up.
    private func aside<Value, Failure: Error>(
        _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await withTaskExecutorPreference(globalConcurrentExecutor) { () async throws(Failure) in
            // Without it, what comes first would be done here still: it need not go elsewhere.
            await Task.yield()
            return try await body()
        }
    }

    /// Runs from where the session stopped; `bytes` is how large its state is, as long as that matters: `nil` aside.
    private func run(
        in opened: OpenedSession, of bytes: Int?, writer: SessionWriter
    ) async -> End {
        let position: RunPosition<State>
        do throws(RunHindrance) {
            position = try entry.position(in: opened)
        } catch {
            return hindered(by: error, opened: opened)
        }
        let keeper = CheckpointKeeper(writer, plan: plan, order: order, control: control, events: events)
        return await run(from: position, of: bytes, session: opened.record.id, keeper: keeper)
    }

    /// Runs from a new session's default, and saves nothing.
    func run() async -> End {
        do throws(RunHindrance) {
            return await run(from: try entry.position(), of: nil, session: nil, keeper: nil)
        } catch {
            return hindered(by: error, opened: nil)
        }
    }

    private var entry: RunEntry<State> { RunEntry(plan: plan, job: order.job, input: input) }

    private func hindered(by hindrance: RunHindrance, opened: OpenedSession?) -> End {
        switch hindrance {
        case .done(let job): .done(job)
        case .refused(let sentence): .ended(.refused(sentence))
        case .postponed(let sentence): .ended(.postponed(sentence))
        case .unreadable(let sentence): .ended(.storeFailed(sentence))
        case .failed(let node, let error):
            .ended(
                .failed(
                    RunFailure(
                        node: node, step: (opened?.record.head ?? 0) + 1, cause: error,
                        checkpoint: opened?.latest?.id)))
        }
    }
}

extension FlowRun {
    /// Where the run stands, and what of it is not saved yet.
    private struct Standing {
        var position: RunPosition<State>
        var unsaved: CompletedNode<State>?
        /// What the last node's checkpoint tells as the result.
        var result: [UInt8]?
        /// How large the state was when it was last read or stored, as long as that matters.
        var bytes: Int?
    }

    private func run(
        from start: RunPosition<State>, of bytes: Int?, session: SessionID?,
        keeper: CheckpointKeeper<State>?
    ) async -> End {
        let facts = RunFacts(
            flow: plan.name, session: session, run: start.run, order: order, control: control, log: log,
            events: events)
        var standing = Standing(position: start, bytes: bytes)
        events?(.runStarted(run: start.run, next: start.next))
        do throws(Halt) {
            try await goOn(&standing, facts, keeper)
        } catch {
            return .ended(await outcome(of: error, standing, keeper))
        }
        events?(.runEnded(state: object(of: standing.position.held)))
        return .finished(standing.position.held, result: standing.result)
    }

    /// Node after node; aside, once the state has grown large.
    private func goOn(
        _ standing: inout Standing, _ facts: RunFacts, _ keeper: CheckpointKeeper<State>?
    ) async throws(Halt) {
        while standing.position.next != .end {
            if let bytes = standing.bytes, bytes > Self.mostBytesHere {
                standing.bytes = nil
                return try await aside { () async throws(Halt) in
                    try await goOn(&standing, facts, keeper)
                }
            }
            let completed = try await runNext(&standing, facts, keeper)
            standing.position = completed.after
            if let keeper { try await keep(completed, &standing, keeper) }
        }
    }

    /// Saves the node's checkpoint now, or remembers to, as the flow's durability says. The last one is
    /// always saved.
    private func keep(
        _ completed: CompletedNode<State>, _ standing: inout Standing, _ keeper: CheckpointKeeper<State>
    ) async throws(Halt) {
        if plan.settings.durability == .sync || completed.after.next == .end {
            let commit = try await keeper.save(completed)
            standing.result = commit.result
            if standing.bytes != nil { standing.bytes = commit.state.count }
            standing.unsaved = nil
        } else {
            standing.unsaved = completed
        }
    }

    /// Runs the next node; beside it, the checkpoint of the one before is saved if the flow wants it so.
    private func runNext(
        _ standing: inout Standing, _ facts: RunFacts, _ keeper: CheckpointKeeper<State>?
    ) async throws(Halt) -> CompletedNode<State> {
        let position = standing.position
        if Task.isCancelled { throw .cancelled }
        if control.isStopping { throw .stopped }
        guard position.runStep < plan.settings.maxSteps else {
            throw .failed(
                at: position.next, step: position.step + 1,
                StepLimitReached(flow: plan.name, limit: plan.settings.maxSteps, node: position.next))
        }
        guard plan.settings.durability == .async, let keeper, let unsaved = standing.unsaved else {
            return try await run(position, facts)
        }
        standing.unsaved = nil
        return try await run(position, facts, whileSaving: unsaved, keeper)
    }

    /// Does both side by side; a save that fails cancels the node.
    private func run(
        _ position: RunPosition<State>, _ facts: RunFacts, whileSaving unsaved: CompletedNode<State>,
        _ keeper: CheckpointKeeper<State>
    ) async throws(Halt) -> CompletedNode<State> {
        let (completed, saved) = await withTaskGroup { group in
            group.addTask { await Half.saved(of: unsaved, keeper) }
            group.addTask { await Half.completed(by: self, position, facts) }
            var both: (completed: Result<CompletedNode<State>, Halt>?, saved: Halt?) = (nil, nil)
            for await half in group {
                switch half {
                case .completed(let result): both.completed = result
                case .saved(let failure):
                    both.saved = failure
                    if failure != nil { group.cancelAll() }
                }
            }
            return both
        }
        if let saved { throw saved }
        guard let completed else { throw .cancelled }
        return try completed.get()
    }

    /// One of the two things that are done side by side.
    private enum Half: Sendable {
        case completed(Result<CompletedNode<State>, Halt>)
        case saved(Halt?)

        static func completed(
            by run: FlowRun<State>, _ position: RunPosition<State>, _ facts: RunFacts
        ) async -> Half {
            do throws(Halt) {
                return .completed(.success(try await run.run(position, facts)))
            } catch {
                return .completed(.failure(error))
            }
        }

        static func saved(of unsaved: CompletedNode<State>, _ keeper: CheckpointKeeper<State>) async -> Half {
            do throws(Halt) {
                try await keeper.save(unsaved)
                return .saved(nil)
            } catch {
                return .saved(error)
            }
        }
    }

    /// Runs the node that comes next, and decides what comes after it.
    private func run(
        _ position: RunPosition<State>, _ facts: RunFacts
    ) async throws(Halt) -> CompletedNode<State> {
        let step = position.step + 1
        guard let stop = plan.stop(position.next) else {
            // Faults and the entry have ruled this out.
            throw .failed(
                at: position.next, step: step, PermanentFailure("the flow has no node \(position.next)"))
        }
        let node = stop.node
        let notes = Notes()
        events?(.nodeStarted(node.name, step: step))
        let update: Update<State>
        do throws(NodeEnd) {
            update = try await node.runWithRetries(position.held.value, control: control) { nodeAttempt in
                NodeContext(
                    node: node.name, step: step, nodeAttempt: nodeAttempt, runStep: position.runStep + 1,
                    facts: facts, notes: notes)
            }
        } catch {
            switch error {
            case .failed(let cause): throw .failed(at: node.name, step: step, cause)
            case .stopped: throw .stopped
            case .cancelled: throw .cancelled
            }
        }
        if Task.isCancelled { throw .cancelled }
        var after = position
        do {
            try plan.shape.apply(update, to: &after.held)
            after.next = try stop.exit?.target(for: after.held.value) ?? .end
        } catch {
            throw .failed(at: node.name, step: step, error)
        }
        after.step = step
        after.runStep += 1
        events?(.nodeCompleted(node.name, step: step, state: object(of: after.held)))
        return CompletedNode(node: node.name, after: after, notes: notes)
    }

    /// What the attempt came to, after what can still be saved is saved.
    private func outcome(
        of halt: Halt, _ standing: Standing, _ keeper: CheckpointKeeper<State>?
    ) async -> RunOutcome {
        switch halt {
        case .cancelled: return .cancelled
        case .save(let failure): return RunOutcome(failure)
        case .stopped, .failed: break
        }
        if let unsaved = standing.unsaved, let keeper {
            do throws(Halt) {
                try await keeper.save(unsaved)
            } catch {
                var standing = standing
                standing.unsaved = nil
                return await outcome(of: error, standing, keeper)
            }
        }
        guard case .failed(let node, let step, let cause) = halt else { return .stopped }
        return .failed(
            RunFailure(node: node, step: step, cause: cause, checkpoint: keeper?.writer.checkpoint))
    }

    /// For events.
    private func object(of held: HeldState<State>) -> JSONObject {
        guard events?.wantsStates == true else { return JSONObject() }
        do {
            return try JSON(parsing: plan.shape.encode(held)).object ?? JSONObject()
        } catch {
            // The checkpoint will say so too, and fail the node.
            return JSONObject()
        }
    }
}

import PenstockJSON
import PenstockModel

/// One attempt at a run: from where the session stands, node by node, until END or something in the way.
struct FlowRun<State: Sendable> {
    let plan: FlowPlan<State>
    let order: RunOrder
    let input: Update<State>?
    let control: RunControl
    let log: Log
    let events: (@Sendable (FlowEvent) -> Void)?

    /// How it ended, with the state where it reached END.
    enum End {
        case finished(HeldState<State>)
        /// The job was done before this attempt.
        case done(JobRecord)
        case ended(RunOutcome)
    }

    /// Runs in a session, with a checkpoint for every node.
    func run(in opened: OpenedSession, writer: SessionWriter) async -> End {
        let position: RunPosition<State>
        do throws(RunHindrance) {
            position = try entry.position(in: opened)
        } catch {
            return hindered(by: error, opened: opened)
        }
        let keeper = CheckpointKeeper(writer, settings: plan.settings, control: control, events: events)
        return await run(from: position, session: opened.record.id, writer: writer, keeper: keeper)
    }

    /// Runs from a new session's default, and saves nothing.
    func run() async -> End {
        do throws(RunHindrance) {
            return await run(from: try entry.position(), session: nil, writer: nil, keeper: nil)
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
    /// Why the nodes stopped before END.
    private enum Halt: Error {
        case stopped
        case cancelled
        case failed(at: NodeName, any Error)
        case save(SaveFailure)
    }

    private func run(
        from start: RunPosition<State>, session: SessionID?, writer: SessionWriter?, keeper: CheckpointKeeper?
    ) async -> End {
        var position = start
        var keeper = keeper
        let facts = RunFacts(
            flow: plan.name, session: session, run: start.run, order: order, log: log, events: events)
        events?(.runStarted(run: start.run, next: start.next))
        do throws(Halt) {
            while position.next != .end {
                try await step(&position, facts, &keeper)
            }
        } catch {
            return .ended(await halted(by: error, at: position, writer: writer, keeper: &keeper))
        }
        if let events { events(.runEnded(state: object(of: position.held))) }
        return .finished(position.held)
    }

    /// Runs one node and keeps its checkpoint.
    private func step(
        _ position: inout RunPosition<State>, _ facts: RunFacts, _ keeper: inout CheckpointKeeper?
    ) async throws(Halt) {
        let node = position.next
        if Task.isCancelled { throw .cancelled }
        if control.isStopping { throw .stopped }
        guard let stop = plan.stop(node) else {
            // Faults and the entry have ruled this out.
            throw .failed(at: node, PermanentFailure("flow \(plan.name) has no node \(node)"))
        }
        guard position.runStep < plan.settings.maxSteps else {
            throw .failed(
                at: node, StepLimitReached(flow: plan.name, limit: plan.settings.maxSteps, node: node))
        }
        let notes = Notes()
        let update = try await run(stop.node, position, facts, notes)
        if Task.isCancelled { throw .cancelled }
        let commit: NodeCommit?
        var after = position
        do {
            try plan.shape.apply(update, to: &after.held)
            after.next = try stop.exit?.target(for: after.held.value) ?? .end
            after.step += 1
            after.runStep += 1
            commit = keeper == nil ? nil : try self.commit(node, after, notes)
        } catch {
            throw .failed(at: node, error)
        }
        if let events { events(.nodeCompleted(node, step: after.step, state: object(of: after.held))) }
        position = after
        guard let commit else { return }
        do throws(SaveFailure) {
            try await keeper?.keep(commit)
        } catch {
            throw .save(error)
        }
    }

    private func run(
        _ node: Node<State>, _ position: RunPosition<State>, _ facts: RunFacts, _ notes: Notes
    ) async throws(Halt) -> Update<State> {
        events?(.nodeStarted(node.name, step: position.step + 1))
        do throws(NodeEnd) {
            return try await node.runWithRetries(position.held.value, control: control) { nodeAttempt in
                NodeContext(
                    node: node.name, step: position.step + 1, nodeAttempt: nodeAttempt,
                    number: position.runStep + 1, facts: facts, notes: notes)
            }
        } catch {
            switch error {
            case .failed(let cause): throw .failed(at: node.name, cause)
            case .stopped: throw .stopped
            case .cancelled: throw .cancelled
            }
        }
    }

    private func commit(
        _ node: NodeName, _ after: RunPosition<State>, _ notes: Notes
    ) throws -> NodeCommit {
        NodeCommit(
            id: CheckpointID(UUIDv7Source.shared.next()), node: node, step: after.step,
            state: try plan.shape.encode(after.held), next: after.next, run: after.run,
            runStep: after.runStep,
            metadata: metadata(with: notes))
    }

    private func metadata(with notes: Notes) -> [UInt8]? {
        var metadata = order.metadata
        if let noted = notes.all { metadata.merge(noted) }
        return metadata.isEmpty ? nil : JSON.object(metadata).bytes
    }

    /// The attempt's outcome, after what can still be saved is saved.
    private func halted(
        by halt: Halt, at position: RunPosition<State>, writer: SessionWriter?,
        keeper: inout CheckpointKeeper?
    ) async -> RunOutcome {
        switch halt {
        case .cancelled:
            await keeper?.abandon()
            return .cancelled
        case .save(let failure):
            await keeper?.abandon()
            return RunOutcome(failure)
        case .stopped, .failed:
            do throws(SaveFailure) {
                try await keeper?.flush()
            } catch {
                return RunOutcome(error)
            }
        }
        guard case .failed(let node, let cause) = halt else { return .stopped }
        return .failed(
            RunFailure(node: node, step: position.step + 1, cause: cause, checkpoint: writer?.checkpoint))
    }

    /// For events.
    private func object(of held: HeldState<State>) -> JSONObject {
        do {
            return try JSON(parsing: plan.shape.encode(held)).object ?? JSONObject()
        } catch {
            // The commit says so too, and fails the node.
            return JSONObject()
        }
    }
}

extension RunOutcome {
    fileprivate init(_ failure: SaveFailure) {
        switch failure {
        case .fenced: self = .fenced
        case .cancelled: self = .cancelled
        case .store(let sentence): self = .storeFailed(sentence)
        }
    }
}

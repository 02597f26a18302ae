import PenstockJSON
import PenstockModel

/// Decides where a job enters its session, from what the store knows of both.
struct RunEntry<State: Sendable> {
    let plan: FlowPlan<State>
    let job: JobID
    let input: Update<State>?

    /// Where a run begins in a session that nothing is known of.
    func position() throws(RunHindrance) -> RunPosition<State> {
        let held = try merge(HeldState(value: plan.shape.initial()))
        let first = try next(after: .start, held)
        return RunPosition(held: held, next: first, run: job, runStep: 0, step: 0)
    }

    /// Where the job begins or goes on in a session as its new owner finds it.
    func position(in opened: OpenedSession) throws(RunHindrance) -> RunPosition<State> {
        try checkJob(opened)
        try checkFlow(opened)
        var held = try storedState(opened)
        if opened.job?.merged != true { held = try merge(held) }
        if let latest = opened.latest {
            let next = try recordedNext(latest, held)
            let isOwn = latest.job == job
            if next != .end, isOwn || !plan.settings.restart {
                return RunPosition(
                    held: held, next: next, run: latest.run ?? latest.asRun ?? job,
                    runStep: latest.runStep ?? 0, step: opened.record.head)
            }
        }
        let first = try next(after: .start, held)
        return RunPosition(
            held: held, next: first, run: newRun(opened), runStep: 0, step: opened.record.head)
    }
}

extension RunEntry {
    private func checkJob(_ opened: OpenedSession) throws(RunHindrance) {
        guard let known = opened.job else { return }
        if known.session != opened.record.id {
            throw .refused("job \(job) is known already, with session \(known.session)")
        }
        if known.flow != plan.name.text {
            throw .refused("job \(job) is known already, with flow \(known.flow)")
        }
        switch known.status {
        case .done: throw .done(known)
        case .cancelled: throw .refused("job \(job) was cancelled")
        case .running, .dead: break
        }
    }

    private func checkFlow(_ opened: OpenedSession) throws(RunHindrance) {
        if let owner = opened.record.flow, owner != plan.name.text {
            throw .refused("session \(opened.record.id) belongs to flow \(owner), not to \(plan.name)")
        }
        if let version = opened.record.version, version > plan.version {
            throw .postponed(
                "session \(opened.record.id) was last written by version \(version) of flow \(plan.name); "
                    + "this worker has version \(plan.version)")
        }
    }

    private func storedState(_ opened: OpenedSession) throws(RunHindrance) -> HeldState<State> {
        guard let stored = opened.start ?? opened.latest else {
            return HeldState(value: plan.shape.initial())
        }
        do {
            return try plan.shape.decode(stored.state)
        } catch {
            throw .unreadable("the state of checkpoint \(stored.id) cannot be read: \(sentence(of: error))")
        }
    }

    private func merge(_ held: HeldState<State>) throws(RunHindrance) -> HeldState<State> {
        guard let input else { return held }
        var merged = held
        do {
            try plan.shape.apply(input, to: &merged)
        } catch {
            throw .refused("the input cannot be merged: \(sentence(of: error))")
        }
        return merged
    }

    /// What the checkpoint recorded; what llmfy wrote does not say, so its routes are decided now.
    private func recordedNext(
        _ latest: Checkpoint, _ held: HeldState<State>
    ) throws(RunHindrance) -> NodeName {
        guard let recorded = latest.next else {
            let completed = NodeName(unchecked: latest.node)
            if plan.stop(completed) == nil {
                throw .refused(gone(latest.node, "stands after", latest))
            }
            return try next(after: completed, held)
        }
        guard let name = recorded.first, recorded.count == 1 else {
            throw .refused("checkpoint \(latest.id) goes on at several nodes at once: \(recorded)")
        }
        let next = NodeName(unchecked: name)
        if next != .end, plan.stop(next) == nil {
            throw .refused(gone(name, "goes on at", latest))
        }
        return next
    }

    private func gone(_ node: String, _ relation: String, _ latest: Checkpoint) -> String {
        "checkpoint \(latest.id) \(relation) node \"\(node)\", which version \(plan.version) of flow "
            + "\(plan.name) does not have; it has \(plan.nodeNames.joined(separator: ", "))"
    }

    private func next(after node: NodeName, _ held: HeldState<State>) throws(RunHindrance) -> NodeName {
        do {
            return try plan.next(after: node, state: held.value)
        } catch {
            throw .failed(at: node, error)
        }
    }

    /// The name of a run that begins now. It has to be the same until the first node is committed, and never
    /// one that was used: a job that has committed something before names it by the checkpoint it starts
    /// from, and after a reset, where there is neither, by the session's head.
    private func newRun(_ opened: OpenedSession) -> JobID {
        if opened.job?.merged == true, let run = opened.latest?.asRun { return run }
        if opened.latest == nil, opened.start == nil, opened.record.head > 0 {
            let suffix = ".\(opened.record.head)"
            return JobID(unchecked: job.text.prefix(JobKind.maxLength - suffix.utf8.count) + suffix)
        }
        return job
    }
}

extension Checkpoint {
    /// The name of a run that has none of its own: one that llmfy began, or a job's second.
    fileprivate var asRun: JobID? {
        JobID.accepts(id.text) ? JobID(unchecked: id.text) : nil
    }
}

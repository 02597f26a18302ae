package import PenstockModel

extension ReplicatedCheckpointer {
    package func latest(of session: SessionID) async throws(CheckpointerError) -> Checkpoint? {
        try await read { store throws(CheckpointerError) in try await store.latest(of: session) }
    }

    package func checkpoint(
        _ id: CheckpointID, of session: SessionID
    ) async throws(CheckpointerError) -> Checkpoint? {
        try await read { store throws(CheckpointerError) in try await store.checkpoint(id, of: session) }
    }

    package func checkpoints(
        of session: SessionID, limit: Int, before step: Int?
    ) async throws(CheckpointerError) -> [Checkpoint] {
        try await read { store throws(CheckpointerError) in
            try await store.checkpoints(of: session, limit: limit, before: step)
        }
    }

    package func session(_ session: SessionID) async throws(CheckpointerError) -> SessionSummary? {
        try await read { store throws(CheckpointerError) in try await store.session(session) }
    }

    package func sessions(
        limit: Int, after session: SessionID?
    ) async throws(CheckpointerError) -> [SessionSummary] {
        try await read { store throws(CheckpointerError) in
            try await store.sessions(limit: limit, after: session)
        }
    }

    package func job(_ job: JobID) async throws(CheckpointerError) -> JobRecord? {
        try await read { store throws(CheckpointerError) in try await store.job(job) }
    }

    package func size() async throws(CheckpointerError) -> StoreSize {
        try await read { store throws(CheckpointerError) in try await store.size() }
    }

    /// What both stores say, each fact with the store's place before it.
    package func ping() async throws(CheckpointerError) -> [StoreFact] {
        let active = try await read { store throws(CheckpointerError) in try await store.ping() }
        guard let standing = keeper.agreed else {
            throw .unavailable(reason: "the pair of stores is changing")
        }
        let place = standing.active
        var facts = [StoreFact("pair", "\(standing)", complaint: standing.complaint)]
        facts += active.map { $0.named(of: place) }
        do throws(CheckpointerError) {
            facts += try await stores[place.other].ping().map { $0.named(of: place.other) }
        } catch {
            facts.append(
                StoreFact(
                    "\(place.other.rawValue) store", "no answer",
                    complaint: "the \(place.other.rawValue) store gives no answer: \(error)"))
        }
        return facts
    }
}

extension StoreFact {
    fileprivate func named(of place: PairStanding.Place) -> StoreFact {
        StoreFact("\(place.rawValue) \(name)", value, complaint: complaint)
    }
}

extension PairStanding {
    fileprivate var complaint: String? {
        switch standby {
        case .complete, .following: nil
        case .joining:
            "the \(active.other.rawValue) store is being brought up to date: it cannot take over yet"
        case .alone: "the \(active.rawValue) store goes on alone: nothing takes over when it is lost"
        }
    }
}

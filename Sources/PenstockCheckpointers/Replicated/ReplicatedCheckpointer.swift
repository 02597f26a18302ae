package import PenstockModel

/// Keeps sessions in two stores of any kinds, so that work goes on when one of them is lost.
///
/// A write is made on the active store and then on the standby, and is acknowledged when both have it and the pair stood the same
/// all the while; where the standby only follows, when the active store has it. How it stands is kept in both stores under a term, which every change raises: a worker that does not know of a change finds
/// it before it acknowledges anything, and makes its write again where it belongs.
package final class ReplicatedCheckpointer: Checkpointer {
    let stores: PairStores
    let keeper: PairKeeper
    private let follower: Follower
    private let log: Log
    private let inFlight = InFlight()
    private let keeping: Task<Void, Never>?

    /// - Parameters:
    ///   - primary: The store that is active unless it is away; closed with this.
    ///   - secondary: The store that takes over; closed with this.
    ///   - settings: How often they are looked after.
    ///   - isKept: Whether this looks after the pair by itself, until it is closed; if not, it does so only when it finds a store
    ///     away.
    ///   - log: Told of every change.
    package init(
        primary: any ReplicaStore, secondary: any ReplicaStore, settings: PairSettings = PairSettings(),
        isKept: Bool = true, log: Log = .silent
    ) {
        stores = PairStores(primary: primary, secondary: secondary)
        self.log = log
        let keeper = PairKeeper(stores, settings: settings, log: log)
        self.keeper = keeper
        let follower = Follower(stores, keeper: keeper, limits: settings.following, log: log)
        self.follower = follower
        keeping = isKept ? Task { await keeper.run { follower.watch() } } : nil
    }

    deinit { keeping?.cancel() }

    package func close() async {
        keeping?.cancel()
        await inFlight.close()
        await follower.close()
        await keeping?.value
        await stores.primary.close()
        await stores.secondary.close()
    }
}

extension ReplicatedCheckpointer {
    /// What a write is about.
    struct Subject: Sendable {
        let session: SessionID
        /// About how much memory it takes while it waits to be copied.
        var bytes = 1_000
    }

    /// How far a standby that follows is behind this process.
    var lag: FollowingLag { follower.lag }

    /// How often a write is made anew because the pair stands otherwise meanwhile.
    private static let mostRounds = 12

    /// Asks the active store.
    func read<Answer>(
        _ ask: (any ReplicaStore) async throws(CheckpointerError) -> Answer
    ) async throws(CheckpointerError) -> Answer {
        try await inFlight.run { () async throws(CheckpointerError) in
            for _ in 0..<Self.mostRounds {
                let standing = try await agreed()
                do throws(CheckpointerError) {
                    return try await ask(stores[standing.active])
                } catch {
                    guard case .unavailable = error, await hasChanged(since: standing) else { throw error }
                }
            }
            throw .unavailable(reason: "the pair of stores changes too often")
        }
    }

    /// Makes a write on the active store, and then on the other one.
    ///
    /// - Parameters:
    ///   - subject: What is written; `nil` when it is all there is, which no standby follows later.
    ///   - make: Makes it; may be asked for again, on either store.
    ///   - repeating: Makes the standby what the active store is; answers false when the write has to be made anew.
    /// - Returns: What `make` answered.
    /// - Throws: ``CheckpointerError``.
    func write<Answer: Sendable>(
        _ subject: Subject?,
        _ make: (any ReplicaStore) async throws(CheckpointerError) -> Answer,
        repeating: @escaping @Sendable (Answer, SessionMirror) async throws(CheckpointerError) -> Bool
    ) async throws(CheckpointerError) -> Answer {
        try await inFlight.run { () async throws(CheckpointerError) in
            for _ in 0..<Self.mostRounds {
                let standing = try await agreed()
                let answer: Answer?
                if standing.standby == .following, let subject {
                    try await follower.reserve(subject.bytes)
                    answer = try await lead(subject, under: standing, make, repeating)
                } else {
                    answer = try await attempt(under: standing, make, repeating)
                }
                if let answer { return answer }
            }
            throw .unavailable(reason: "the pair of stores changes too often")
        }
    }

    /// - Returns: `nil` when the write has to be made anew.
    private func attempt<Answer>(
        under standing: PairStanding,
        _ make: (any ReplicaStore) async throws(CheckpointerError) -> Answer,
        _ repeating: (Answer, SessionMirror) async throws(CheckpointerError) -> Bool
    ) async throws(CheckpointerError) -> Answer? {
        let (active, standby) = (stores[standing.active], stores[standing.active.other])
        let answer: Answer
        do throws(CheckpointerError) {
            answer = try await make(active)
        } catch {
            if await isOvertaken(by: error, under: standing) { return nil }
            throw error
        }
        do throws(CheckpointerError) {
            if standing.standby != .alone {
                let mirror = SessionMirror(from: active, to: standby, under: standing, log: log)
                guard try await repeating(answer, mirror) else {
                    await keeper.examine()
                    return nil
                }
            }
            // Only what was written before the pair came to stand otherwise is acknowledged: the write is in the store from
            // which the others go on.
            let witness = standing.standby == .alone ? standing.active : standing.active.other
            let noted = try await stores[witness].standing()
            if noted == standing { return answer }
            await keeper.learn(noted, at: witness)
        } catch {
            if await hasChanged(since: standing) { return nil }
            let place = standing.active.other.rawValue
            if case .unfit(let reason) = error {
                throw .unfit(reason: "the \(place) store cannot take it: \(reason)")
            }
            throw .unavailable(reason: "the \(place) store has not taken it: \(error)")
        }
        return nil
    }

    /// Makes a write on the active store, which the other one follows.
    ///
    /// - Returns: `nil` when the write has to be made anew.
    private func lead<Answer: Sendable>(
        _ subject: Subject, under standing: PairStanding,
        _ make: (any ReplicaStore) async throws(CheckpointerError) -> Answer,
        _ repeating: @escaping @Sendable (Answer, SessionMirror) async throws(CheckpointerError) -> Bool
    ) async throws(CheckpointerError) -> Answer? {
        do throws(CheckpointerError) {
            let answer = try await make(stores[standing.active])
            let noted = try await stores[standing.active].standing()
            if noted == standing {
                let write = Follower.Write(standing: standing) { mirror throws(CheckpointerError) in
                    try await repeating(answer, mirror)
                }
                follower.add(write, of: subject.session, bytes: subject.bytes)
                return answer
            }
            follower.release(subject.bytes)
            await keeper.learn(noted, at: standing.active)
            return nil
        } catch {
            follower.release(subject.bytes)
            if await isOvertaken(by: error, under: standing) { return nil }
            throw error
        }
    }

    private func agreed() async throws(CheckpointerError) -> PairStanding {
        if let standing = keeper.agreed { return standing }
        await keeper.examine()
        if let standing = keeper.agreed { return standing }
        guard let status = keeper.status, let standing = status.standing else {
            throw .unavailable(reason: "the two stores of the pair have not agreed yet on how it stands")
        }
        throw .unavailable(reason: "the pair of stores (\(standing)) waits for one that does not answer")
    }

    /// Looks at once, and tells whether the pair stands otherwise now.
    /// Whether a write that the active store did not make is to be made anew, as the pair stands otherwise by now.
    private func isOvertaken(by error: CheckpointerError, under standing: PairStanding) async -> Bool {
        switch error {
        case .unfit, .unreadable: return false
        case .fenced, .unavailable: break
        case .refused(let reason): await keeper.refuses(standing.active, reason)
        }
        return await hasChanged(since: standing)
    }

    private func hasChanged(since standing: PairStanding) async -> Bool {
        await keeper.examine()
        return keeper.agreed != standing
    }
}

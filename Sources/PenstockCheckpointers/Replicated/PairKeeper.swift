import PenstockModel
import Synchronization

/// Looks after a pair: asks both stores whether they are there, and does what follows.
///
/// Each worker has one; they need not agree beforehand, since every change is noted in a store by comparing what is noted there.
actor PairKeeper {
    private let stores: PairStores
    private let settings: PairSettings
    private let log: Log
    private var judgement: PairJudgement
    private var looking: Task<Void, Never>?
    /// When a store that can be read refused a write last.
    private var refusals: [PairStanding.Place: ContinuousClock.Instant] = [:]
    /// What each of the stores has noted that it is, where that was asked.
    private var places: [PairStanding.Place: PairStanding.Place] = [:]
    /// When a standby that follows was last compared with the active store, and under which standing.
    private var compared: (standing: PairStanding, at: ContinuousClock.Instant)?
    private let published = Mutex(Published())

    private struct Published {
        var agreed: PairStanding?
        var status: PairStatus?
    }

    init(_ stores: PairStores, settings: PairSettings, log: Log) {
        self.stores = stores
        self.settings = settings
        self.log = log
        judgement = PairJudgement(settings)
    }

    /// The standing that work can go on under, as far as it is known here.
    nonisolated var agreed: PairStanding? { published.withLock(\.agreed) }

    /// What was seen when the stores were last asked; `nil` before that.
    nonisolated var status: PairStatus? { published.withLock(\.status) }

    /// Looks after the pair until the task is cancelled.
    ///
    /// - Parameter watch: What else is looked after as often.
    func run(_ watch: @Sendable () -> Void) async {
        while !Task.isCancelled {
            await turn()
            watch()
            do { try await Task.sleep(for: settings.healthInterval) } catch { return }
        }
    }

    /// Looks once, and brings the standby up to date if that is due.
    func turn() async {
        await examine()
        if let next = judgement.settle() {
            await raise(next, at: [next.active, next.active.other])
            await examine()
        }
        if let standing = judgement.agreed {
            for place in PairStanding.Place.allCases where judgement[place].noted == standing {
                await notePlace(place)
            }
            if standing.standby == .following { await compare(under: standing) }
        }
        while !Task.isCancelled, case .copy(let standing) = judgement.step(now: .now) {
            await join(under: standing)
            guard judgement.standing != standing else { return }
            await examine()
        }
    }

    /// Asks both stores and does what follows, copying apart. Those who ask for it at once share one look.
    func examine() async {
        if let looking { return await looking.value }
        let task = Task { await look() }
        looking = task
        await task.value
        looking = nil
    }

    /// The active store takes no writes, though it may be read: its disk is full, or it has become a replica. That is as if it were
    /// away, for as long as somebody finds it so.
    func refuses(_ place: PairStanding.Place, _ reason: String) {
        if refusals.updateValue(.now, forKey: place) == nil {
            log.error(
                "a store of the pair takes no writes", ["store": place.rawValue, "reason": reason])
        }
    }

    /// Whether a store is the one that the settings take it for: each has noted which it is. A worker for whom the two are exchanged would
    /// take the standing of one for that of the other.
    private func isItself(
        _ place: PairStanding.Place, isPaired: Bool
    ) async throws(CheckpointerError) -> Bool {
        guard isPaired, places[place] != place else { return true }
        let known = try await stores[place].place()
        if known == place.other, places[place] == nil {
            log.error(
                "the store that is named as \(place.rawValue) is the pair's \(place.other.rawValue): exchange store_url and "
                    + "store_secondary_url")
        }
        places[place] = known
        return known != place.other
    }

    /// Has a store note which it is, if it has noted nothing: with the first standing, or by the next turn if it is too busy now.
    private func notePlace(_ place: PairStanding.Place) async {
        guard places[place] == nil else { return }
        do throws(CheckpointerError) {
            if try await stores[place].replace(.place, nil, by: place.rawValue) { places[place] = place }
        } catch {
            log.warning(
                "a store of the pair has not noted which it is",
                ["store": place.rawValue, "error": "\(error)"])
        }
    }

    private func takesWrites(_ place: PairStanding.Place) -> Bool {
        guard let refused = refusals[place] else { return true }
        if .now - refused < settings.healthInterval { return false }
        refusals[place] = nil
        return true
    }

    /// A store has told what is noted there.
    func learn(_ noted: PairStanding?, at place: PairStanding.Place) {
        judgement.learn(noted, at: place, now: .now)
        publish()
    }

    /// Notes a standing at one store, if that can be done.
    func note(_ standing: PairStanding, at place: PairStanding.Place) async {
        await raise(standing, at: [place])
    }

    /// How many steps follow from one look, at most: the next look goes on.
    private static let mostSteps = 8

    private func look() async {
        async let first: Void = ask(.primary)
        async let second: Void = ask(.secondary)
        _ = await (first, second)
        for _ in 0..<Self.mostSteps {
            switch judgement.step(now: .now) {
            case nil, .copy: return
            case .ask(let place): await ask(place)
            case .found:
                await found()
                if judgement.standing == nil { return }
            case .raise(let standing, let places):
                guard await raise(standing, at: places) else { return }
            }
        }
    }

    /// Whether a store is there is told by whether it can be read: one that is too busy to take a write now is there.
    private func ask(_ place: PairStanding.Place) async {
        let asked = ContinuousClock.now
        do throws(CheckpointerError) {
            let noted = try await stores[place].standing()
            guard takesWrites(place), try await isItself(place, isPaired: noted != nil) else {
                judgement.missed(place, now: .now)
                return publish()
            }
            if !judgement[place].answers {
                log.info("a store of the pair answers", ["store": place.rawValue])
            }
            let hadLost = judgement.hasLost(place)
            judgement.saw(noted, at: place, asked: asked, now: .now)
            if !hadLost, judgement.hasLost(place) {
                log.error("a store of the pair has lost what it had noted", ["store": place.rawValue])
                places[place] = nil
            }
        } catch {
            if judgement[place].answers || judgement.standing == nil {
                log.warning(
                    "a store of the pair gives no answer", ["store": place.rawValue, "error": "\(error)"])
            }
            judgement.missed(place, now: .now)
        }
        publish()
    }

    /// Agrees on a first standing. A secondary that holds what the primary does not know was never meant to be overwritten.
    private func found() async {
        do throws(CheckpointerError) {
            let comparison = SessionComparison(active: stores.primary, standby: stores.secondary)
            if let session = try await comparison.firstAheadInStandby() {
                log.error(
                    "the secondary holds what the primary lacks, and would lose it: exchange the two, or empty the "
                        + "secondary", ["session": session.text])
                return
            }
            // Two empty stores are joined too: so a store that notes nothing beside a complete one has always lost it.
            let first = PairStanding(term: 1, active: .primary, standby: .joining)
            await raise(first, at: [.primary, .secondary])
        } catch {
            log.warning("the pair cannot be formed yet", ["error": "\(error)"])
        }
    }

    /// - Returns: Whether more may follow at once; not from a store that is there, and too busy to note anything.
    @discardableResult
    private func raise(_ standing: PairStanding, at places: [PairStanding.Place]) async -> Bool {
        for place in places {
            do throws(CheckpointerError) {
                let noted = try await stores[place].raise(to: standing)
                judgement.learn(noted, at: place, now: .now)
                publish()
                await notePlace(place)
                guard noted == standing else { return true }
            } catch {
                log.warning(
                    "how the pair stands could not be noted", ["store": place.rawValue, "error": "\(error)"])
                await ask(place)
                return !judgement[place].answers
            }
        }
        return true
    }

    private func copier(under standing: PairStanding) -> SessionCopier {
        SessionCopier(
            SessionMirror(
                from: stores[standing.active], to: stores[standing.active.other], under: standing, log: log))
    }

    /// Finds what workers that died had not copied.
    private func compare(under standing: PairStanding) async {
        let now = ContinuousClock.now
        if let compared, compared.standing == standing, now - compared.at < settings.following.comparison {
            return
        }
        do throws(CheckpointerError) {
            guard let copied = try await copier(under: standing).catchUp() else { return }
            compared = (standing, now)
            if copied > 0 {
                log.warning(
                    "the standby lacked what nobody was copying, and has been given it",
                    ["store": standing.active.other.rawValue, "sessions": "\(copied)"])
            }
        } catch {
            log.warning("comparing the stores of the pair was interrupted", ["error": "\(error)"])
        }
    }

    /// How often others may change the pair while it is handed over.
    private static let mostHandovers = 20

    /// Copies what a store lacks, and goes on with it alone: nothing that was acknowledged is lost.
    ///
    /// - Returns: How the pair stands then.
    func handOver(to place: PairStanding.Place) async throws(CheckpointerError) -> PairStanding {
        for _ in 0..<Self.mostHandovers {
            await examine()
            guard judgement[.primary].answers, judgement[.secondary].answers,
                let standing = judgement.agreed, standing.active == place.other
            else { break }
            // While it joins, nothing is acknowledged that it does not have.
            guard standing.standby == .joining else {
                await raise(standing.next(.joining), at: [standing.active, place])
                continue
            }
            guard try await copier(under: standing).run() != nil else { continue }
            let next = PairStanding(term: standing.term + 1, active: place, standby: .alone)
            guard try await stores[place].replace(standing, by: next) else { continue }
            judgement.learn(next, at: place, now: .now)
            publish()
            return next
        }
        throw .unavailable(reason: "the pair of stores changes too often, or one of them is away")
    }

    private func join(under standing: PairStanding) async {
        do throws(CheckpointerError) {
            guard let copied = try await copier(under: standing).run() else { return }
            log.info(
                "the standby has been brought up to date",
                ["store": standing.active.other.rawValue, "sessions": "\(copied)"])
            await raise(judgement.joined(standing), at: [standing.active, standing.active.other])
        } catch {
            log.warning("copying to the standby was interrupted", ["error": "\(error)"])
        }
    }

    private func publish() {
        let (agreed, status) = (judgement.agreed, judgement.status)
        let before = published.withLock { published in
            defer { published = Published(agreed: agreed, status: status) }
            return published.status?.standing
        }
        guard let standing = status.standing, standing != before else { return }
        if let kept = standing.replication, kept != settings.replication {
            log.warning(
                "the pair of stores is kept otherwise than store_replication says here",
                ["pair": kept.rawValue, "setting": settings.replication.rawValue])
        }
        log.info(
            "how the pair stands",
            [
                "term": "\(standing.term)", "active": standing.active.rawValue,
                "standby": standing.standby.rawValue,
            ])
    }
}

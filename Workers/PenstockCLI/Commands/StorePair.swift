import Penstock
import PenstockCheckpointers
import PenstockJSON
import PenstockModel

extension Command {
    static let storeStatus = Command(
        name: "store status",
        summary: "show how the two stores of a replicated pair stand",
        settings: [.store, .redis],
        printsData: true,
        notes: """
            complete: both have all that was acknowledged, and the standby can take over.
            following: the standby is given every write after it was acknowledged, and lacks what the lag says: both stores
                      are compared for it, which takes a while with very many sessions.
            joining:  the standby is being brought up to date.
            alone:    one store goes on without the other.
            """
    ) { invocation in
        try await invocation.withPair { pair in
            let status = await pair.status()
            let lag = try await pair.comparedLag()
            invocation.output.show(
                status.json(invocation.settings, lag), status.text(invocation.settings, lag))
            return status.standing == nil ? .failed : .done
        }
    }

    static let storeFailover = Command(
        name: "store failover",
        summary: "go on with one store of a replicated pair alone",
        flags: [
            Flag("to", .required("primary|secondary"), "the store to go on with"),
            Flag("lose", .none, "do it although that store may lack what was acknowledged"),
        ],
        settings: [.store, .redis],
        printsData: true,
        notes: """
            While both stores answer, what that one lacks is copied to it first, and nothing is lost. If the other one is away,
            what was acknowledged and not copied yet (async replication, or a standby that was joining) is lost: --lose
            allows that. Make sure that no worker can reach the other store before you go on with one that is not known to have
            everything: whoever sees only the other one would go on with it. The other store is joined again once it
            answers; a primary is made active again after failback_delay_seconds.
            """
    ) { invocation in
        guard let word = invocation.arguments["to"], let place = PairStanding.Place(rawValue: word) else {
            throw Failure.misused("--to is primary or secondary")
        }
        return try await invocation.withPair { pair in
            do throws(CheckpointerError) {
                let standing = try await pair.failOver(to: place, losing: invocation.arguments.has("lose"))
                invocation.output.show(standing.json, "\(standing)\n")
                return .done
            } catch {
                guard case .refused(let reason) = error else { throw error }
                throw Failure.failed(reason, "add --lose to go on with it all the same")
            }
        }
    }
}

extension Command {
    static let storeUnpair = Command(
        name: "store unpair",
        summary: "make one store of a replicated pair a store that is used alone",
        flags: [Flag("lose", .none, "do it although that store may lack what was acknowledged")],
        settings: [.store, .redis],
        notes: """
            The store that store_url names forgets the pair; the other one is left as it is. Stop all workers first: one that
            still has both would join them again.
            """
    ) { invocation in
        do throws(CheckpointerError) {
            let standing = try await invocation.settings.unpair(losing: invocation.arguments.has("lose"))
            invocation.output.line(
                standing.map { "the pair (\($0)) is forgotten here" } ?? "this store is in no pair")
            return .done
        } catch {
            guard case .refused(let reason) = error else { throw error }
            throw Failure.failed(reason, "add --lose to go on with it all the same")
        }
    }
}

extension Invocation {
    /// Uses the pair that the settings name, without looking after it.
    fileprivate func withPair(
        _ body: (ReplicatedCheckpointer) async throws -> ExitCode
    ) async throws -> ExitCode {
        let opened: ReplicatedCheckpointer?
        do {
            opened = try settings.openPair(isKept: false, log: .silent)
        } catch {
            throw Failure.misused("\(error)")
        }
        guard let pair = opened else {
            throw Failure.misused("there is no pair of stores: store_secondary_url is not set")
        }
        do {
            let code = try await body(pair)
            await pair.close()
            return code
        } catch {
            await pair.close()
            throw error
        }
    }
}

extension PairStanding {
    fileprivate var json: JSON {
        ["term": JSON(Int(term)), "active": JSON(active.rawValue), "standby": JSON(standby.rawValue)]
    }
}

extension PairStatus {
    fileprivate func json(_ settings: Settings, _ lag: PairLag?) -> JSON {
        [
            "lag": lag?.json ?? .null,
            "standing": standing?.json ?? .null,
            "primary": [
                "store": JSON("\(settings.storeAddress)"), "answers": JSON(primaryAnswers),
                "has_lost": JSON(lost.contains(.primary)),
            ],
            "secondary": [
                "store": JSON(settings.secondaryURL.map { "\($0)" } ?? ""), "answers": JSON(secondaryAnswers),
                "has_lost": JSON(lost.contains(.secondary)),
            ],
        ]
    }

    fileprivate func text(_ settings: Settings, _ lag: PairLag?) -> String {
        var card = Card()
        card.add("standing", standing.map { "\($0)" } ?? "not known")
        card.add("primary", "\(settings.storeAddress), \(word(for: .primary))")
        let secondary = settings.secondaryURL.map { "\($0)" } ?? ""
        card.add("secondary", "\(secondary), \(word(for: .secondary))")
        if standing?.standby == .following { card.add("lag", lag?.text ?? "not known while a store is away") }
        return card.text
    }

    private func word(for place: PairStanding.Place) -> String {
        if lost.contains(place) { return "answers, and has lost what it had" }
        return answers(place) ? "answers" : "no answer"
    }
}

extension PairLag {
    fileprivate var json: JSON {
        [
            "sessions": JSON(sessions), "checkpoints": JSON(checkpoints),
            "since": since.map { JSON("\($0)") } ?? .null,
        ]
    }

    fileprivate var text: String {
        guard let since else { return "none" }
        return "\(checkpoints) checkpoints of \(sessions) sessions, since \(since)"
    }
}

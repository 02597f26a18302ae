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
            joining:  the standby is being brought up to date.
            alone:    one store goes on without the other.
            """
    ) { invocation in
        try await invocation.withPair { pair in
            let status = await pair.status()
            invocation.output.show(status.json(invocation.settings), status.text(invocation.settings))
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
            Make sure that no worker can reach the other store before you go on with one that is not known to have
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
    fileprivate func json(_ settings: Settings) -> JSON {
        [
            "standing": standing?.json ?? .null,
            "primary": ["store": JSON("\(settings.storeAddress)"), "answers": JSON(primaryAnswers)],
            "secondary": [
                "store": JSON(settings.secondaryURL.map { "\($0)" } ?? ""), "answers": JSON(secondaryAnswers),
            ],
        ]
    }

    fileprivate func text(_ settings: Settings) -> String {
        var card = Card()
        card.add("standing", standing.map { "\($0)" } ?? "not known")
        card.add("primary", "\(settings.storeAddress), \(primaryAnswers ? "answers" : "no answer")")
        let secondary = settings.secondaryURL.map { "\($0)" } ?? ""
        card.add("secondary", "\(secondary), \(secondaryAnswers ? "answers" : "no answer")")
        return card.text
    }
}

package import PenstockCheckpointers
import PenstockExecutors
package import PenstockModel

// The stores of a replicated pair, and one that is used alone.
extension Settings {
    /// Opens a store that is one of no pair: what is written into one of two alone, the other one never has.
    func openAlone(on loop: SocketLoop) async throws(CheckpointerError) -> any ReplicaStore {
        let alone = try await storeAddress.openPlain(with: store, queue: queue, on: loop)
        do throws(CheckpointerError) {
            guard let place = try await alone.place() else { return alone }
            throw .refused(
                reason:
                    "this store is the \(place.rawValue) of a replicated pair, so store_secondary_url is needed too "
                    + "(penstock store unpair makes it one that is used alone)")
        } catch {
            await alone.close()
            throw error
        }
    }

    /// Makes one store of a pair, named by ``storeAddress``, a store that is used alone.
    ///
    /// - Parameter losing: Whether to do so although the other store may have what this one lacks.
    /// - Returns: How the pair stood by this store; `nil` where it was in none.
    /// - Throws: ``CheckpointerError/refused(reason:)`` when it may lack something, and losing is not allowed.
    package func unpair(losing: Bool) async throws(CheckpointerError) -> PairStanding? {
        let alone = try await storeAddress.openPlain(with: store, queue: queue)
        do throws(CheckpointerError) {
            let (standing, place) = (try await alone.standing(), try await alone.place())
            if let standing, standing.active != place, standing.standby != .complete, !losing {
                throw .refused(
                    reason: "this store is not known to have all that was acknowledged (\(standing))")
            }
            try await alone.leavePair()
            await alone.close()
            return standing
        } catch {
            await alone.close()
            throw error
        }
    }

    /// The replicated pair, if there is one.
    package func openPair(
        isKept: Bool, log: Log
    ) throws(CheckpointerError) -> ReplicatedCheckpointer? {
        guard let secondaryURL else { return nil }
        let primaryURL = storeAddress
        guard primaryURL != .memory, secondaryURL != .memory else {
            throw .refused(reason: "memory: ends with its process, so it cannot be one of a pair of stores")
        }
        guard primaryURL != secondaryURL else {
            throw .refused(reason: "store_url and store_secondary_url name the same store, \(primaryURL)")
        }
        let (store, queue) = (store, queue)
        func late(_ address: StoreAddress) -> LateReplica {
            LateReplica { () async throws(CheckpointerError) in
                try await address.openPlain(with: store, queue: queue, patience: .seconds(3))
            }
        }
        return ReplicatedCheckpointer(
            primary: late(primaryURL), secondary: late(secondaryURL), settings: pair, isKept: isKept, log: log
        )
    }
}

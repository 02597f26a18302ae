package import PenstockCheckpointers
package import PenstockExecutors
package import PenstockModel
package import PenstockPool
package import PenstockQueue
package import PenstockRedis

/// Everything that can be set, as values.
package struct Settings: Sendable {
    package var redis = RedisAddress(place: .tcp(host: "127.0.0.1", port: 6379))
    package var prefix = QueueKeys.defaultPrefix
    /// `nil` for that same Redis.
    package var storeURL: StoreAddress?
    /// The second store of a replicated pair; `nil` for none.
    package var secondaryURL: StoreAddress?
    package var pair = PairSettings()
    package var store = StoreSettings()
    /// The folder with declared flows.
    package var flows: String?
    /// The file with cron entries.
    package var cron: String?
    package var pool = PoolSettings()
    package var logLevel = Log.Level.info
    package var logForm = LogForm.auto

    package enum LogForm: String, Sendable, CaseIterable {
        /// Text on a terminal, JSON otherwise.
        case auto
        case text
        case json
    }

    package init() {}

    package var keys: QueueKeys { QueueKeys(prefix: prefix) }
    package var queue: QueueSettings { pool.queue }
    package var storeAddress: StoreAddress { storeURL ?? .redis(redis) }
    /// What the store leaves in the queue's Redis. Of a pair it takes more to know what is stored.
    package var traces: StoreTraces? {
        secondaryURL == nil ? storeAddress.traces(in: redis, with: store) : nil
    }

    /// Opens the store; one in Redis is reached with the first call, and so is each of a pair.
    ///
    /// A pair is looked after only where `isKept` says so, as workers do. The loop serves a store that is alone and stands on
    /// a server.
    package func openStore(
        isKept: Bool = false, log: Log = .silent, on loop: SocketLoop = SocketLoop()
    ) async throws(CheckpointerError) -> any Checkpointer {
        guard let pair = try openPair(isKept: isKept, log: log) else {
            let alone = try await storeAddress.openPlain(with: store, queue: queue, on: loop)
            do throws(CheckpointerError) {
                try await Self.expectNoPair(alone)
            } catch {
                await alone.close()
                throw error
            }
            return CompressingCheckpointer(in: alone, from: store.compressedFrom)
        }
        return CompressingCheckpointer(in: pair, from: store.compressedFrom)
    }

    /// Which store it is, or which two, for people.
    var storeText: String {
        ([storeAddress] + [secondaryURL].compactMap(\.self)).map { $0.placed }.joined(separator: " + ")
    }

    /// What is written into one store of a pair alone, the other one never has.
    private static func expectNoPair(_ store: any ReplicaStore) async throws(CheckpointerError) {
        guard let place = try await store.place() else { return }
        throw .refused(
            reason:
                "this store is the \(place.rawValue) of a replicated pair, so store_secondary_url is needed too "
                + "(penstock store unpair makes it one that is used alone)")
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

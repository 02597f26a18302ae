import Synchronization

/// Sees to it that a script the server has lost is given to it once, however many callers miss it.
final class RedisScriptLoads: Sendable {
    private struct Shelf {
        /// How often it was loaded.
        var loads = 0
        /// Who waits for the load under way, if one is.
        var followers: [CheckedContinuation<Turn, Never>]?
    }
    private enum Turn {
        case lead, ready
        case failed(RedisError)
    }
    private let shelves = Mutex<[String: Shelf]>([:])

    func count(of script: RedisScript) -> Int {
        shelves.withLock { $0[script.digest]?.loads ?? 0 }
    }

    /// Loads the script, unless that was done after `seen`, or waits for the one who is at it.
    func load(_ script: RedisScript, since seen: Int, on client: RedisClient) async throws(RedisError) {
        let turn = await withCheckedContinuation { continuation in
            let turn: Turn? = shelves.withLock { shelves in
                var shelf = shelves[script.digest] ?? Shelf()
                defer { shelves[script.digest] = shelf }
                if shelf.loads > seen { return .ready }
                guard shelf.followers != nil else {
                    shelf.followers = []
                    return .lead
                }
                shelf.followers?.append(continuation)
                return nil
            }
            if let turn { continuation.resume(returning: turn) }
        }
        switch turn {
        case .ready: return
        case .failed(let error): throw error
        case .lead:
            let error = await load(script, on: client)
            let followers = shelves.withLock { shelves in
                if error == nil { shelves[script.digest]?.loads += 1 }
                return shelves[script.digest]?.followers.take() ?? []
            }
            for follower in followers { follower.resume(returning: error.map { .failed($0) } ?? .ready) }
            if let error { throw error }
        }
    }

    private func load(_ script: RedisScript, on client: RedisClient) async -> RedisError? {
        do {
            _ = try await client.send(script.text(for: client.address).load)
            return nil
        } catch .unknownEffect(let reason) {
            // That of the load; the call itself was surely not carried out.
            return .unavailable(reason: reason)
        } catch .refused(let message) {
            return .refused(message: "script \(script.name): \(message)")
        } catch {
            return error
        }
    }
}

package import PenstockModel
package import PenstockRedis

/// What one worker asks of the queue while jobs run, over the connection that all its slots share.
package struct JobQueue: Sendable {
    package let calls: QueueCalls
    private let client: RedisClient

    package init(calls: QueueCalls, client: RedisClient) {
        self.calls = calls
        self.client = client
    }

    package func register(_ facts: WorkerFacts) async throws(QueueError) {
        _ = try await calls.register(facts).send(over: client)
    }

    /// Claims up to `count` jobs, oldest first, and comes back at once if there are none.
    ///
    /// - Throws: ``QueueError/unavailable(reason:)``: jobs may have been claimed all the same; ``recover(running:upTo:unlockedToo:)``
    ///   finds them.
    package func claim(from queue: QueueName, upTo count: Int) async throws(QueueError) -> ClaimAnswer {
        try await calls.claim(from: queue, upTo: count).send(over: client)
    }

    /// What is so in Redis while the claim's lock is its own.
    package func condition(of claim: Claim) -> (key: String, value: String) {
        (calls.keys.lock(claim.session), claim.number)
    }

    /// Asks whose the claim's lock is, and does not wait for the answer.
    package func askHolder(of claim: Claim) -> RedisAnswer {
        client.post(RedisCommand("GET", calls.keys.lock(claim.session)))
    }

    /// Whether the claim's lock is still its own, by the answer to ``askHolder(of:)``.
    package func holds(_ claim: Claim, by answer: RedisAnswer) async throws(QueueError) -> Bool {
        do {
            return try await answer.value().asString == claim.number
        } catch {
            throw QueueError(error)
        }
    }

    /// Ends a claim. The call may be sent again, as it is, until it is answered.
    package func settle(_ call: QueueCall<Settled>) async throws(QueueError) -> Settled {
        try await call.send(over: client)
    }

    /// Notes that a job whose workers died has come further since, so that these crashes no longer count against it.
    package func noteProgress(of claim: Claim, at step: Int) async throws(QueueError) {
        do {
            _ = try await client.send(
                RedisCommand(
                    "HSET", calls.keys.job(claim.id), "crash_base", max(0, claim.crashes - 1), "crash_step",
                    step))
        } catch {
            throw QueueError(error)
        }
    }

    /// The time by Redis' clock, which is the one that due times go by.
    package func time() async throws(QueueError) -> Timestamp {
        try await client.serverTime()
    }

    /// Hands back what stands in this worker's processing lists, was claimed by then, and is not among `running`.
    ///
    /// - Returns: How many went back.
    package func recover(
        running: [String], upTo lastNumber: Int, unlockedToo: Bool
    ) async throws(QueueError) -> Int {
        try await calls.recover(running: running, upTo: lastNumber, unlockedToo: unlockedToo).send(
            over: client)
    }

    /// Moves what is due by now to the right end of its queue.
    ///
    /// - Returns: How many jobs were due.
    package func moveDue(atMost count: Int) async throws(QueueError) -> Int {
        try await calls.survey(reaps: true, maxDue: count).send(over: client).moved
    }

    /// Asks for the turn to clean the sessions of these flows, or for more time; nobody else is given it for so long.
    ///
    /// - Returns: The flows whose turn this worker has.
    package func takeCleaning(of flows: [String], for life: Duration) async throws(QueueError) -> [String] {
        try await calls.takeCleaning(flows, for: life).send(over: client)
    }

    /// Takes the worker off the list, if nothing of it is left in a processing list.
    ///
    /// - Returns: How many claims are left.
    package func leave() async throws(QueueError) -> Int {
        try await calls.leave().send(over: client)
    }
}

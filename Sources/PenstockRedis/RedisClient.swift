package import PenstockExecutors

/// One connection to Redis that any number of tasks share: what they ask for at the same time leaves in one write.
///
/// It connects with the first command, and anew whenever the connection is lost. A command is carried out at most once: it is sent
/// again only where a cluster's node turned it away because its slot is another's. Commands of one task are carried out in its order. Cancelling a task does not take its command back: it ends with the reply,
/// or at the time limit. Commands that block (`BLMOVE …`) belong on a ``RedisConnection``, they would hold up the others.
package final class RedisClient: Sendable {
    private let line: RedisLine
    private let loads = RedisScriptLoads()

    /// What serves the connection is `loop`; one of its own where none is given.
    package init(
        _ address: RedisAddress, settings: RedisSettings = RedisSettings(), on loop: SocketLoop = SocketLoop()
    ) {
        line = RedisLine(address, settings, on: loop, staysConnected: true)
    }

    deinit {
        line.close()
    }

    package var address: RedisAddress { line.address }

    /// What serves the connection.
    package var loop: SocketLoop { line.loop }

    /// Sends a command and waits for its reply.
    ///
    /// - Throws: ``RedisError``; each case tells whether the command may have taken effect.
    package func send(_ command: RedisCommand) async throws(RedisError) -> RedisReply {
        let limit = line.settings.commandLimit
        return try await withUnsafeContinuation { continuation in
            line.post(
                RedisRequest(command: command, waiter: .one(continuation), limit: limit, patience: limit))
        }.get()
    }

    /// Sends a command now, for its answer to be waited for later.
    package func post(_ command: RedisCommand) -> RedisAnswer {
        let limit = line.settings.commandLimit
        let answer = RedisAnswer()
        line.post(RedisRequest(command: command, waiter: .later(answer), limit: limit, patience: limit))
        return answer
    }

    /// Sends commands in one write, nothing of others between them, and waits for all their replies.
    package func sendAll(_ commands: [RedisCommand]) async -> [Result<RedisReply, RedisError>] {
        guard !commands.isEmpty else { return [] }
        let limit = line.settings.commandLimit
        return await withUnsafeContinuation { continuation in
            let batch = RedisBatch(count: commands.count, continuation)
            line.post(
                commands.enumerated().map { index, command in
                    RedisRequest(
                        command: command, waiter: .part(of: batch, at: index), limit: limit, patience: limit)
                })
        }
    }

    /// Runs a script, giving its source to the server only if it does not know it.
    package func run(
        _ script: RedisScript, keys: [String], arguments: RedisArguments = RedisArguments()
    ) async throws(RedisError) -> RedisReply {
        try await run(RedisScriptCall(script, keys: keys, arguments: arguments))
    }

    /// The same, for a call that is made already.
    package func run(_ call: RedisScriptCall) async throws(RedisError) -> RedisReply {
        let text = call.script.text(for: address)
        let command = text.command(for: call)
        let seen = loads.count(of: call.script)
        if let reply = try await sendIfKnown(command) { return reply }
        try await loads.load(call.script, since: seen, on: self)
        if let reply = try await sendIfKnown(command) { return reply }
        // Lost again at once.
        return try await send(text.commandWithSource(for: call))
    }

    /// Calls a script by its digest; `nil` where the server does not know it, and so surely did nothing.
    private func sendIfKnown(_ command: RedisCommand) async throws(RedisError) -> RedisReply? {
        do {
            return try await send(command)
        } catch {
            guard error.code == "NOSCRIPT" else { throw error }
            return nil
        }
    }

    /// Whether there is a connection now.
    package var state: RedisState { line.states.current }

    /// The present state, and then every change until the client is closed.
    package func states() -> AsyncStream<RedisState> { line.states.stream() }

    /// Connects if that has not happened yet, and waits until the server answers.
    package func connect() async throws(RedisError) {
        _ = try await send(RedisCommand("PING"))
    }

    /// Drops the connection and makes a new one. What was under way ends with ``RedisError/unknownEffect(reason:)``.
    package func rebuild() {
        line.post(.rebuild(reason: "the connection was given up for a new one"))
    }

    /// Ends the connection for good, and returns when that is done; what was under way ends with
    /// ``RedisError/unknownEffect(reason:)``.
    package func close() async {
        await line.closed()
    }
}

import CPenstockHiredis
import Glibc

/// A connection for one thread of its own that async tasks cannot starve: every call blocks, within its limit.
///
/// It connects when a command needs it, and again after an error; it does not pause between tries. A call lasts at most
/// three times the connect limit (asking sentinels or a cluster, connecting, greeting) and the command limit; looking up a
/// host's name has no limit of its own, and each of its addresses is tried.
package final class RedisBlockingConnection {
    package let address: RedisAddress
    private let settings: RedisSettings
    private var context: UnsafeMutablePointer<redisContext>?
    /// The host of the server that we are at.
    private var host = ""
    /// Where to connect to next, if a server has told.
    private var destination: RedisAddress.Node?

    package init(_ address: RedisAddress, settings: RedisSettings = RedisSettings()) {
        self.address = address
        self.settings = settings
    }

    deinit {
        close()
    }

    /// Sends a command and waits for its reply, at most the settings' command limit.
    package func send(_ command: RedisCommand) throws(RedisError) -> RedisReply {
        guard !command.isSubscription else {
            throw .refused(message: RedisCommand.subscriptionRefusal)
        }
        var moves = 0
        while true {
            let reply = try exchange(command, on: try connection())
            guard case .error(let message) = reply,
                let detour = RedisDetour(message, from: host, inCluster: address.isCluster)
            else {
                return try Result(reply).get()
            }
            switch detour {
            case .later: throw .unavailable(reason: message)
            case .elsewhere:
                close()
                throw .unavailable(reason: message)
            case .moved(let node):
                close()
                destination = node
                moves += 1
                guard moves <= RedisDetour.mostMoves else { throw .unavailable(reason: message) }
            case .ask(let node):
                guard !command.isScript else { throw .unavailable(reason: message) }
                return try Self.ask(node, command, as: address)
            }
        }
    }

    /// Asks a node for one command whose slot is being moved to it.
    static func ask(
        _ node: RedisAddress.Node, _ command: RedisCommand, as address: RedisAddress
    ) throws(RedisError) -> RedisReply {
        let connection = RedisBlockingConnection(
            address.at(node),
            settings: RedisSettings(connectLimit: RedisDetour.askLimit, commandLimit: RedisDetour.askLimit))
        defer { connection.close() }
        do {
            _ = try connection.send(RedisCommand("ASKING"))
        } catch {
            throw .unavailable(reason: error.reason)
        }
        do {
            return try connection.send(command)
        } catch {
            // Then the slot went another way meanwhile.
            guard error.code == "MOVED" || error.code == "ASK" else { throw error }
            throw .unavailable(reason: error.reason)
        }
    }

    /// Runs a script, giving its source to the server only if it does not know it.
    package func run(
        _ script: RedisScript, keys: [String], arguments: RedisArguments = RedisArguments()
    ) throws(RedisError) -> RedisReply {
        try run(RedisScriptCall(script, keys: keys, arguments: arguments))
    }

    /// The same, for a call that is made already.
    package func run(_ call: RedisScriptCall) throws(RedisError) -> RedisReply {
        let text = call.script.text(for: address)
        do {
            return try send(text.command(for: call))
        } catch {
            // NOSCRIPT: surely nothing was done.
            guard error.code == "NOSCRIPT" else { throw error }
        }
        return try send(text.commandWithSource(for: call))
    }

    /// Ends the connection; the next command makes a new one.
    package func close() {
        if let context, context.pointee.fd >= 0 { hangUp(context.pointee.fd) }
        redisFree(context)
        context = nil
    }

    private func exchange(
        _ command: RedisCommand, on context: UnsafeMutablePointer<redisContext>
    ) throws(RedisError) -> RedisReply {
        let status = command.withWireBytes { redisAppendFormattedCommand(context, $0, $1) }
        guard status == REDIS_OK else {
            close()
            throw .unavailable(reason: "out of memory")
        }
        var raw: UnsafeMutableRawPointer?
        guard redisGetReply(context, &raw) == REDIS_OK, let raw else {
            let reason = Self.reason(of: context)
            close()
            throw .unknownEffect(reason: reason)
        }
        defer { freeReplyObject(raw) }
        return RedisReply(copying: UnsafePointer(raw.assumingMemoryBound(to: redisReply.self)))
    }

    private func connection() throws(RedisError) -> UnsafeMutablePointer<redisContext> {
        if let context { return context }
        ignoreBrokenPipes
        let target = destination.take().map { address.at($0) } ?? address
        let endpoints: [RedisEndpoint]
        do throws(RedisUnreachable) {
            endpoints = try RedisLocator(address: target, limit: settings.connectLimit).find()
        } catch {
            throw unavailable(error.reason)
        }
        var trouble = "its host has no address"
        for endpoint in endpoints {
            switch try open(endpoint) {
            case .success(let created):
                context = created
                do {
                    try greet(created)
                } catch {
                    close()
                    throw error
                }
                return created
            case .failure(let error): trouble = error.reason
            }
        }
        throw unavailable(trouble)
    }

    private func open(
        _ endpoint: RedisEndpoint
    ) throws(RedisError) -> Result<UnsafeMutablePointer<redisContext>, RedisUnreachable> {
        let limit = timeval(settings.connectLimit)
        let created =
            switch endpoint {
            case .numeric(let host, let port): redisConnectWithTimeout(host, Int32(port), limit)
            case .unix(let path): redisConnectUnixWithTimeout(path, limit)
            }
        guard let created else { throw .unavailable(reason: "out of memory") }
        guard created.pointee.err == 0, fcntl(created.pointee.fd, F_SETFD, FD_CLOEXEC) == 0 else {
            defer { redisFree(created) }
            return .failure(RedisUnreachable(reason: Self.reason(of: created)))
        }
        if case .numeric(let host, _) = endpoint {
            self.host = host
            redisEnableKeepAlive(created)
        }
        return .success(created)
    }

    private func greet(_ context: UnsafeMutablePointer<redisContext>) throws(RedisError) {
        redisSetTimeout(context, timeval(settings.connectLimit))
        for (greeting, command) in RedisGreeting.commands(for: address, named: settings.clientName) {
            let reply: RedisReply
            do {
                reply = try exchange(command, on: context)
            } catch .unknownEffect(let reason) {
                // That of the greeting: the caller's command was not sent.
                throw unavailable(reason)
            }
            switch greeting.verdict(on: reply) {
            case .goOn, .open: continue
            case .later(let message): throw unavailable(message)
            case .never(let error): throw error
            }
        }
        redisSetTimeout(context, timeval(settings.commandLimit))
    }

    private func unavailable(_ trouble: String) -> RedisError {
        .unavailable(reason: "no connection to \(address): \(trouble)")
    }

    private static func reason(of context: UnsafeMutablePointer<redisContext>) -> String {
        // What hiredis makes of a read or write that took too long.
        if context.pointee.err == REDIS_ERR_IO, errno == EAGAIN { return "no reply within the time limit" }
        return withUnsafeBytes(of: context.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

extension timeval {
    /// At least a millisecond: zero would mean no limit.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = max(duration, .milliseconds(1)).components
        self.init(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    }
}

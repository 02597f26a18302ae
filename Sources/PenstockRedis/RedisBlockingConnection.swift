import CPenstockHiredis
import Glibc

/// A connection for one thread of its own that async tasks cannot starve: every call blocks, within its limit.
///
/// It connects when a command needs it, and again after an error; it does not pause between tries. A call lasts at most
/// twice the connect limit (connecting, greeting) and the command limit; looking up a host's name has no limit of its own.
package final class RedisBlockingConnection {
    package let address: RedisAddress
    private let settings: RedisSettings
    private var context: UnsafeMutablePointer<redisContext>?

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
        return try Result(exchange(command, on: try connection())).get()
    }

    /// Runs a script, giving its source to the server only if it does not know it.
    package func run(
        _ script: RedisScript, keys: [String], arguments: RedisArguments = RedisArguments()
    ) throws(RedisError) -> RedisReply {
        let call = script.call(keys: keys, arguments: arguments)
        var calls = 1
        while true {
            do {
                return try send(call)
            } catch {
                guard error.code == "NOSCRIPT", calls < RedisScript.mostCalls else { throw error }
            }
            calls += 1
            do {
                _ = try send(script.load)
            } catch .unknownEffect(let reason) {
                // That of the load; the call itself was surely not carried out.
                throw .unavailable(reason: reason)
            }
        }
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
        let limit = timeval(settings.connectLimit)
        let created =
            switch address.place {
            case .tcp(let host, let port): redisConnectWithTimeout(host, Int32(port), limit)
            case .unix(let path): redisConnectUnixWithTimeout(path, limit)
            }
        guard let created else { throw .unavailable(reason: "out of memory") }
        context = created
        do {
            try prepare(created)
        } catch {
            close()
            throw error
        }
        return created
    }

    private func prepare(_ context: UnsafeMutablePointer<redisContext>) throws(RedisError) {
        guard context.pointee.err == 0, fcntl(context.pointee.fd, F_SETFD, FD_CLOEXEC) == 0 else {
            throw unavailable(Self.reason(of: context))
        }
        if case .tcp = address.place { redisEnableKeepAlive(context) }
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

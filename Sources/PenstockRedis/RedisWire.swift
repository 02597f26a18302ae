import CPenstockHiredis
import Glibc

/// One connection: a hiredis asynchronous context, driven by the thread of its line's loop.
///
/// It lives from `start` until hiredis frees the context, which is the one end that every path leads to: the line is told
/// then, exactly once. hiredis calls back from within `handle`, `flush` and `end`.
final class RedisWire {
    private unowned let line: RedisLine
    /// Nil once hiredis is about to free it.
    private var context: UnsafeMutablePointer<redisAsyncContext>?
    private var isConnected = false
    private var wantsWrite = false
    private var reasonToEnd: String?

    init(line: RedisLine) {
        self.line = line
    }

    /// Begins to connect. Answers the reason if it failed at once, and the line hears no more of it.
    func start(_ endpoint: RedisEndpoint) -> String? {
        ignoreBrokenPipes
        let created =
            switch endpoint {
            case .numeric(let host, let port): redisAsyncConnect(host, Int32(port))
            case .unix(let path): redisAsyncConnectUnix(path)
            }
        guard let context = created else { return "out of memory" }
        // Children must not inherit the socket: it would stay open for as long as they live.
        guard context.pointee.err == 0, fcntl(context.pointee.c.fd, F_SETFD, FD_CLOEXEC) == 0 else {
            let reason = Self.reason(of: context)
            redisAsyncFree(context)
            return reason
        }
        if case .numeric = endpoint { redisEnableKeepAlive(&context.pointee.c) }
        attach(to: context)
        return nil
    }

    /// What the loop's thread waits for; nil when the connection is at its end.
    var interest: pollfd? {
        guard let context else { return nil }
        let events = (isConnected ? POLLIN : 0) | (wantsWrite ? POLLOUT : 0)
        return pollfd(fd: context.pointee.c.fd, events: Int16(events), revents: 0)
    }

    func handle(_ events: Int32) {
        if isConnected, events & (POLLIN | POLLHUP | POLLERR) != 0, let context {
            redisAsyncHandleRead(context)
        }
        if events & POLLOUT != 0 || (!isConnected && events != 0), let context {
            redisAsyncHandleWrite(context)
        }
    }

    /// Hands a command to hiredis; it leaves with the next `flush`. False if the connection is ending.
    func submit(_ command: borrowing RedisCommand) -> Bool {
        guard let context else { return false }
        let status = command.withWireBytes { bytes, count in
            redisAsyncFormattedCommand(
                context, { _, reply, wire in RedisWire.answered(reply, wire) }, context.pointee.data, bytes,
                count)
        }
        return status == REDIS_OK
    }

    /// Writes what was submitted. Not to be called back from hiredis: a failing write frees the context under its feet.
    func flush() {
        guard isConnected, wantsWrite, let context else { return }
        redisAsyncHandleWrite(context)
    }

    /// Takes in what has already arrived, as far as one read goes.
    func read() {
        guard isConnected, let context else { return }
        redisAsyncHandleRead(context)
    }

    /// Ends the connection; its outstanding replies will not come.
    func end(_ reason: String) {
        guard let context, reasonToEnd == nil else { return }
        reasonToEnd = reason
        redisAsyncFree(context)
    }

    private func attach(to context: UnsafeMutablePointer<redisAsyncContext>) {
        self.context = context
        // Kept alive by the context, until its clean-up.
        let kept = Unmanaged.passRetained(self).toOpaque()
        context.pointee.data = kept
        context.pointee.ev.data = kept
        // Once connected it always reads, so there is nothing to do for addRead and delRead.
        context.pointee.ev.addWrite = { RedisWire.from($0)?.wantsWrite = true }
        context.pointee.ev.delWrite = { RedisWire.from($0)?.wantsWrite = false }
        context.pointee.ev.cleanup = { kept in
            guard let kept else { return }
            Unmanaged<RedisWire>.fromOpaque(kept).takeRetainedValue().contextIsGoing()
        }
        redisAsyncSetConnectCallback(context) { context, status in
            // A failure is followed by the end of the context, and heard of there.
            guard status == REDIS_OK, let wire = RedisWire.from(context?.pointee.data) else { return }
            wire.isConnected = true
            wire.line.connected()
        }
    }

    private static func from(_ kept: UnsafeMutableRawPointer?) -> RedisWire? {
        kept.map { Unmanaged<RedisWire>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func answered(_ reply: UnsafeMutableRawPointer?, _ wire: UnsafeMutableRawPointer?) {
        // Without a reply the connection is ending, which the line hears of once for all.
        guard let reply, let wire = from(wire) else { return }
        wire.line.answered(UnsafePointer(reply.assumingMemoryBound(to: redisReply.self)))
    }

    /// hiredis frees the context when this returns.
    private func contextIsGoing() {
        guard let context else { return }
        let reason = reasonToEnd ?? Self.reason(of: context)
        self.context = nil
        hangUp(context.pointee.c.fd)
        line.ended(reason)
    }

    private static func reason(of context: UnsafeMutablePointer<redisAsyncContext>) -> String {
        guard context.pointee.c.err != 0 else { return "the connection was closed" }
        return withUnsafeBytes(of: context.pointee.c.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

/// Tells the server that nobody is there any more. A child that was started just when the socket was made has inherited
/// it, and closing our end alone would leave the connection open for as long as that child lives.
func hangUp(_ socket: Int32) {
    shutdown(socket, Int32(SHUT_RDWR))
}

/// Writes to a dead connection raise SIGPIPE, since hiredis uses `write`; its default is to end the process. A handler
/// that the process has set is left alone.
let ignoreBrokenPipes: Void = {
    var present = sigaction()
    guard sigaction(SIGPIPE, nil, &present) == 0 else { return }
    if present.__sigaction_handler.sa_handler == nil { signal(SIGPIPE, SIG_IGN) }
}()

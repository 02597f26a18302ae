import CPenstockHiredis
import Dispatch
import Glibc

/// One connection: a hiredis asynchronous context driven by Dispatch sources.
///
/// Everything here happens on the queue that it was made on, its owner's. It lives from `start` until hiredis frees the
/// context, which is the one end that every path leads to: `RedisLine.ended` is called then, exactly once.
final class RedisWire {
    private let queue: DispatchQueue
    private let line: RedisLine
    /// Nil once hiredis has freed it, or is about to.
    private var context: UnsafeMutablePointer<redisAsyncContext>?
    private var reader: (any DispatchSourceRead)?
    private var writer: (any DispatchSourceWrite)?
    private var wantsWrite = false
    private var writerIsAwake = false
    private var isConnected = false
    private var reasonToEnd: String?

    /// What hiredis reads at once; a turn reads on while the socket has more.
    private static let readSize = 16 * 1024

    init(line: RedisLine) {
        self.line = line
        queue = line.queue
    }

    /// Begins to connect; `host` is numeric. Answers the reason if it failed at once, and the line hears no more of it.
    func start(_ endpoint: RedisEndpoint) -> String? {
        Self.ignoreBrokenPipes
        let created =
            switch endpoint {
            case .numeric(let host, let port): redisAsyncConnect(host, Int32(port))
            case .unix(let path): redisAsyncConnectUnix(path)
            }
        guard let context = created else { return "out of memory" }
        guard context.pointee.err == 0 else {
            let reason = Self.reason(of: context)
            redisAsyncFree(context)
            return reason
        }
        let socket = context.pointee.c.fd
        // hiredis closes its descriptor at once when it frees the context. Dispatch may only then begin to let go of it,
        // and would take away the registration of a new socket that got the same number: so Dispatch has its own.
        let watched = fcntl(socket, F_DUPFD_CLOEXEC, 0)
        guard watched >= 0, fcntl(socket, F_SETFD, FD_CLOEXEC) == 0 else {
            let reason = String(cString: strerror(errno))
            if watched >= 0 { close(watched) }
            redisAsyncFree(context)
            return reason
        }
        if case .numeric = endpoint { redisEnableKeepAlive(&context.pointee.c) }
        self.context = context
        watch(watched)
        attach(to: context)
        return nil
    }

    /// Writes of a dead connection raise SIGPIPE, since hiredis uses `write`; its default is to end the process. A
    /// handler that the process has set is left alone.
    static let ignoreBrokenPipes: Void = {
        var present = sigaction()
        guard sigaction(SIGPIPE, nil, &present) == 0 else { return }
        if present.__sigaction_handler.sa_handler == nil { signal(SIGPIPE, SIG_IGN) }
    }()

    /// Hands a command to hiredis; it leaves with the next `flush`. False if the connection is ending.
    func submit(_ command: borrowing RedisCommand) -> Bool {
        guard let context else { return false }
        let status = command.withWireBytes { bytes, count in
            redisAsyncFormattedCommand(
                context, { _, reply, wire in RedisWire.answered(reply, wire) },
                Unmanaged.passUnretained(self).toOpaque(), bytes, count)
        }
        return status == REDIS_OK
    }

    /// Writes what was submitted, now rather than when Dispatch tells that the socket can be written to.
    func flush() {
        guard isConnected, wantsWrite, let context else { return }
        redisAsyncHandleWrite(context)
        awakeWriter()
    }

    /// Takes in what has already arrived.
    func read() {
        readAtLeast(0)
    }

    /// Ends the connection; its outstanding replies will not come.
    func end(_ reason: String) {
        guard let context, reasonToEnd == nil else { return }
        reasonToEnd = reason
        redisAsyncFree(context)
    }

    private func readAtLeast(_ available: Int) {
        var rest = available
        repeat {
            guard isConnected, let context else { return }
            redisAsyncHandleRead(context)
            rest -= Self.readSize
        } while rest > 0
        // What the replies led to; not from within them, because a failing write frees the context under hiredis' feet.
        flush()
    }

    private func awakeWriter() {
        guard let writer, wantsWrite != writerIsAwake else { return }
        writerIsAwake = wantsWrite
        if wantsWrite { writer.resume() } else { writer.suspend() }
    }

    private func watch(_ descriptor: Int32) {
        let reader = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        let writer = DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue)
        // The handlers keep this object alive; Dispatch drops them when the source is cancelled.
        reader.setEventHandler { [self] in readAtLeast(Int(reader.data)) }
        writer.setEventHandler { [self] in
            guard let context else { return }
            redisAsyncHandleWrite(context)
            awakeWriter()
        }
        var open = 2
        let closeOnce = {
            open -= 1
            if open == 0 { close(descriptor) }
        }
        reader.setCancelHandler(handler: closeOnce)
        writer.setCancelHandler(handler: closeOnce)
        self.reader = reader
        self.writer = writer
    }

    private func attach(to context: UnsafeMutablePointer<redisAsyncContext>) {
        let kept = Unmanaged.passRetained(self).toOpaque()
        context.pointee.data = kept
        context.pointee.ev.data = kept
        context.pointee.ev.addWrite = { RedisWire.from($0)?.wantsWrite = true }
        context.pointee.ev.delWrite = { RedisWire.from($0)?.wantsWrite = false }
        // The read source stays awake from connecting to the end, so there is nothing to do for addRead and delRead.
        context.pointee.ev.cleanup = { kept in
            guard let kept else { return }
            Unmanaged<RedisWire>.fromOpaque(kept).takeRetainedValue().contextIsGoing()
        }
        redisAsyncSetConnectCallback(context) { context, status in
            RedisWire.from(context?.pointee.data)?.connected(status == REDIS_OK)
        }
        awakeWriter()
    }

    private static func from(_ kept: UnsafeMutableRawPointer?) -> RedisWire? {
        kept.map { Unmanaged<RedisWire>.fromOpaque($0).takeUnretainedValue() }
    }

    private func connected(_ isOpen: Bool) {
        // A failure is followed by the end of the context, and heard of there.
        guard isOpen else { return }
        isConnected = true
        reader?.resume()
        line.connected()
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
        // Dispatch's own descriptor keeps the socket open for a moment: the server should hear of the end now.
        shutdown(context.pointee.c.fd, Int32(SHUT_RDWR))
        reader?.cancel()
        writer?.cancel()
        // A source that sleeps would never tell that it was cancelled.
        if !isConnected { reader?.resume() }
        if !writerIsAwake { writer?.resume() }
        reader = nil
        writer = nil
        line.ended(reason)
    }

    private static func reason(of context: UnsafeMutablePointer<redisAsyncContext>) -> String {
        guard context.pointee.c.err != 0 else { return "the connection was closed" }
        return withUnsafeBytes(of: context.pointee.c.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

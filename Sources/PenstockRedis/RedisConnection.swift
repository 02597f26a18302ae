package import PenstockExecutors
import Synchronization

/// A connection for commands that block on the server: one at a time, each with its own limit.
///
/// It connects when a command needs it. Cancelling the task that waits ends the wait at once, by cutting the connection.
package final class RedisConnection: Sendable {
    private let line: RedisLine
    private let isBusy = Atomic(false)

    /// What serves the connection is `loop`; one of its own where none is given.
    package init(
        _ address: RedisAddress, settings: RedisSettings = RedisSettings(), on loop: SocketLoop = SocketLoop()
    ) {
        line = RedisLine(address, settings, on: loop, staysConnected: false)
    }

    deinit {
        line.close()
    }

    package var address: RedisAddress { line.address }

    /// Sends a command and waits for its reply, at most `limit`, which should be longer than the command's own timeout.
    ///
    /// - Throws: ``RedisError/busy`` while another command is under way; when cancelled, `unavailable` if the command
    ///   was not sent, else `unknownEffect`: an element that `BLPOP` took may be lost.
    package func send(_ command: RedisCommand, limit: Duration) async throws(RedisError) -> RedisReply {
        guard !isBusy.exchange(true, ordering: .acquiring) else { throw .busy }
        defer { isBusy.store(false, ordering: .releasing) }
        let patience = line.settings.commandLimit
        let interruption = RedisInterruption()
        return try await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                line.post(
                    RedisRequest(
                        command: command, waiter: .interruptible(continuation, interruption), limit: limit,
                        patience: patience))
            }
        } onCancel: {
            interruption.raise()
            line.post(.interrupt)
        }.get()
    }

    /// Ends the connection for good, and returns when that is done; what was under way ends with
    /// ``RedisError/unknownEffect(reason:)``.
    package func close() async {
        await line.closed()
    }
}

import CPenstockSQLite
import Glibc

/// How a connection waits for others, and what SQLite tells it about the log: the state of its two hooks.
///
/// SQLite's own way sleeps longer with every try, up to 100 ms, so that whoever has waited longest asks most seldom.
/// Here all ask alike, again and again within 1 ms.
final class SQLiteWait {
    /// Sleeps lie between these, in microseconds, at random, so that processes fall out of step.
    private static let shortestPause: UInt32 = 100
    private static let longestPause: UInt32 = 1_000

    private var patience: Duration
    private var deadline = ContinuousClock.now
    /// Pages in the log after the last commit.
    var pagesInLog = 0

    init(patience: Duration) {
        self.patience = patience
    }

    /// The connection must hold this as long as its handle is open.
    func attach(to handle: OpaquePointer) {
        sqlite3_busy_handler(
            handle,
            { context, tries in
                guard let context else { return 0 }
                return Unmanaged<SQLiteWait>.fromOpaque(context).takeUnretainedValue().goesOn(after: tries)
                    ? 1 : 0
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Takes the place of SQLite's own moving of the log, which would keep whoever commits waiting.
    func watchLog(of handle: OpaquePointer) {
        sqlite3_wal_hook(
            handle,
            { context, _, _, pages in
                guard let context else { return SQLITE_OK }
                Unmanaged<SQLiteWait>.fromOpaque(context).takeUnretainedValue().pagesInLog = Int(pages)
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    func withPatience(of other: Duration, _ body: () -> Void) {
        let usual = patience
        patience = min(usual, other)
        body()
        patience = usual
    }

    func pause() {
        usleep(UInt32.random(in: Self.shortestPause...Self.longestPause))
    }

    private func goesOn(after tries: Int32) -> Bool {
        if tries == 0 { deadline = ContinuousClock.now + patience }
        guard ContinuousClock.now < deadline else { return false }
        pause()
        return true
    }
}

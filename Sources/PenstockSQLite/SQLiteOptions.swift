/// How a SQLite file is used.
package struct SQLiteOptions: Hashable, Sendable {
    /// When SQLite waits for the disk.
    package enum Synchronous: String, Hashable, Sendable, CaseIterable {
        /// At every commit: what was acknowledged survives a loss of power.
        case full
        /// Only now and then: a loss of power may take the last commits back; a crash of the process does not.
        case normal
    }

    package var synchronous: Synchronous
    /// How long a call waits for other connections and processes before it throws ``SQLError/contention(reason:)``.
    package var patience: Duration

    package init(synchronous: Synchronous = .full, patience: Duration = .seconds(5)) {
        self.synchronous = synchronous
        self.patience = patience
    }
}

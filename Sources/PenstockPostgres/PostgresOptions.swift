/// How a PostgreSQL server is talked to.
package struct PostgresOptions: Hashable, Sendable {
    /// How long each server may take to let us in, unless the address has a `connect_timeout`. Looking up a host's name
    /// comes on top of it, as long as the system's resolver takes.
    package var connectLimit: Duration
    /// How long the server may take for each answer. Waiting for a lock is given up a little before that, by the server.
    package var answerLimit: Duration
    /// How long a script may take, such as one that adds an index to a large table.
    package var scriptLimit: Duration
    /// How long a transaction of ours may leave the server without a word before it ends it: a worker that was stopped must not
    /// hold a session's row.
    package var longestSilence: Duration
    /// Settings of the server's for our sessions, by name.
    package var settings: [String: String]
    /// What we are called in the server's list of sessions, unless the address says otherwise.
    package var applicationName: String

    package init(
        connectLimit: Duration = .seconds(5), answerLimit: Duration = .seconds(10),
        scriptLimit: Duration = .seconds(600), longestSilence: Duration = .seconds(3),
        settings: [String: String] = [:], applicationName: String = "penstock"
    ) {
        self.connectLimit = connectLimit
        self.answerLimit = answerLimit
        self.scriptLimit = scriptLimit
        self.longestSilence = longestSilence
        self.settings = settings
        self.applicationName = applicationName
    }

    /// How long the server waits for a lock.
    var lockLimit: Duration { answerLimit * 4 / 5 }
}

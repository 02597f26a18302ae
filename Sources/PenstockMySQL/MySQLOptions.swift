/// How a MySQL or MariaDB server is talked to.
package struct MySQLOptions: Hashable, Sendable {
    /// How long the server may take to let us in, unless the address has a `connect_timeout`. Looking up a host's name
    /// comes on top of it, as long as the system's resolver takes.
    package var connectLimit: Duration
    /// How long the server may take for all answers to what leaves in one write. Waiting for a lock is given up a little
    /// before that, by the server.
    package var answerLimit: Duration
    /// How long a script may take, such as one that adds an index to a large table.
    package var scriptLimit: Duration
    /// What we are called in the server's list of sessions.
    package var applicationName: String

    package init(
        connectLimit: Duration = .seconds(5), answerLimit: Duration = .seconds(10),
        scriptLimit: Duration = .seconds(600), applicationName: String = "penstock"
    ) {
        self.connectLimit = connectLimit
        self.answerLimit = answerLimit
        self.scriptLimit = scriptLimit
        self.applicationName = applicationName
    }

    /// How long the server waits for a lock, in whole seconds as it counts.
    var lockSeconds: Int64 { max(1, answerLimit.components.seconds - 3) }
}

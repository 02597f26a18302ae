import PenstockSQL

/// How the writes of a group are put to a database, and what its answers mean for each of them.
///
/// The writes of a group belong to different sessions, and are ordered by their ids. No command may depend on another's answer.
protocol SQLGroupLanguage: Sendable {
    /// The commands of a transaction that makes all of them.
    func commands(for writes: [SQLWrite]) -> [SQLCommand]

    /// What each of the writes has come to, by the answers to the commands.
    func outcomes(of writes: [SQLWrite], by answers: [SQLAnswer]) throws(SQLError) -> [SQLOutcome]
}

package import Glibc

/// What a ``SocketLoop`` serves: a connection, or one exchange over it. Everything here happens on the loop's thread.
package protocol LoopMember: AnyObject, Sendable {
    /// What its socket is waited for; a negative descriptor where there is nothing to wait for.
    var interest: pollfd { get }
    /// None of its time limits passes before this.
    var alarm: ContinuousClock.Instant? { get }
    /// Whether it is to be served no more.
    var hasLeft: Bool { get }
    /// Takes up what it was given for the loop's thread, and sends it.
    func takeInbox()
    /// Sends what is left to send, at the beginning of each turn.
    func goOn()
    /// Takes in what has arrived, and gives the number of those who got their answers.
    func handle(_ events: Int16) -> Int
    /// Ends what takes too long. Called at each turn.
    func ringAlarm()
    /// Turns away what it was given after it left, once it is served no more.
    func refuseRest()
}

/// For one that is given nothing after it began, and sends when it is answered: an exchange.
extension LoopMember {
    package func takeInbox() {}
    package func goOn() {}
    package func refuseRest() {}
}

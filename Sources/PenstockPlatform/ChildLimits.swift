/// How much a program may write, and how long it is waited for.
package struct ChildLimits: Hashable, Sendable {
    /// The greatest standard output of a run, or answer of a serving program, in bytes.
    package var outputBytes = 64 * 1024 * 1024
    /// How much of the end of standard error is kept for an error's text, in bytes.
    package var errorTailBytes = 4 * 1024
    /// Longer lines of standard error are cut, in bytes.
    package var errorLineBytes = 8 * 1024
    /// How much of standard error is handed on at once before lines are left out, in bytes.
    package var errorBurstBytes = 256 * 1024
    /// How much of standard error is handed on in the long run, in bytes a second.
    package var errorBytesPerSecond = 16 * 1024
    /// Between TERM and KILL.
    package var terminationGrace: Duration = .seconds(5)
    /// How long a program that has ended is waited for when others still hold its standard output open; and
    /// how long a serving program may take to end once its standard input is closed.
    package var endGrace: Duration = .seconds(1)

    package init() {}
}

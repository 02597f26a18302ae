/// What a program of ours ends with.
package enum ExitCode: Int32, Hashable, Sendable {
    case done = 0
    /// The thing asked about failed, or is not there.
    case failed = 1
    /// Wrong usage or settings: the same call will not do better.
    case misused = 2
    /// Redis or the store cannot be reached.
    case unreachable = 3
}

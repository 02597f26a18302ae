/// Programs that are started, handed their input, and awaited.
///
/// A program runs in a process group of its own and dies with this process, however that ends: the kernel
/// kills the program itself, a guard process what it started in turn. A program that leaves its group
/// (`setsid`) escapes.
package enum ChildProcess {
    /// What a program left behind that ended by itself.
    package struct Finished: Hashable, Sendable {
        package let exit: ProgramExit
        package let output: [UInt8]
        /// The end of what it wrote to standard error.
        package let errorTail: String
    }

    /// Runs a program to its end: writes `input`, closes standard input, and collects standard output.
    ///
    /// When this returns or throws, the program is gone, and its process group has been killed. Cancelling
    /// the task sends the group TERM, and KILL once the grace is over. A program that ends while others
    /// hold its output open is waited for a little longer (``ChildLimits/endGrace``).
    ///
    /// Without `keepsOutput` standard output is read and thrown away, however much it is. `onErrorLine` is called for
    /// each line of standard error, in order, on a thread that all programs share: it must not block. Long lines are
    /// cut, and a flood is thinned (``ChildLimits``).
    ///
    /// An exit code other than 0 is no error here.
    package static func run(
        _ program: Program, input: [UInt8] = [], keepsOutput: Bool = true,
        limits: ChildLimits = ChildLimits(),
        onErrorLine: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(ChildProcessError) -> Finished {
        let output: ChildOutput = keepsOutput ? .collected([], limit: limits.outputBytes) : .discarded
        let child = Child(program, input: input, output: output, limits: limits, onErrorLine: onErrorLine)
        let outcome = await withTaskCancellationHandler {
            await runToEnd(child)
        } onCancel: {
            EventLoop.shared.perform { child.assumeIsolated { $0.cancel() } }
        }
        let finished = try outcome.get()
        if finished.verdict != nil { throw finished.error }
        return Finished(exit: finished.exit, output: finished.output, errorTail: finished.errorTail)
    }

    private static func runToEnd(_ child: Child) async -> Result<Child.Finished, ChildProcessError> {
        do throws(ChildProcessError) {
            try await child.start()
        } catch {
            return .failure(error)
        }
        return .success(await child.finished())
    }
}

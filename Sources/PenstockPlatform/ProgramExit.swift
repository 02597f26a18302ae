/// How a program ended.
package enum ProgramExit: Hashable, Sendable, CustomStringConvertible {
    case exited(code: Int32)
    case signalled(number: Int32)

    package var isSuccess: Bool { self == .exited(code: 0) }

    package var description: String {
        switch self {
        case .exited(let code): "exit code \(code)"
        case .signalled(let number): "signal \(number)"
        }
    }
}

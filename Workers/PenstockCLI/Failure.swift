import Penstock
import PenstockModel
import PenstockQueue

/// Why a command did not do what it was asked: a sentence, what may help, and the exit code.
struct Failure: Error, Hashable, CustomStringConvertible {
    let code: ExitCode
    let sentence: String
    var hint: String?

    static func misused(_ sentence: String, _ hint: String? = nil) -> Failure {
        Failure(code: .misused, sentence: sentence, hint: hint)
    }

    static func failed(_ sentence: String, _ hint: String? = nil) -> Failure {
        Failure(code: .failed, sentence: sentence, hint: hint)
    }

    static func unreachable(_ sentence: String, _ hint: String? = nil) -> Failure {
        Failure(code: .unreachable, sentence: sentence, hint: hint)
    }

    var description: String { hint.map { "\(sentence)\n\($0)" } ?? sentence }
}

extension Failure {
    /// Any error in the words of the command line.
    init(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as SettingsError: self = .misused(error.description)
        case let error as StoreAddressError: self = .misused(error.description)
        case let error as ArgumentFault: self = .misused(error.description)
        case let error as IdentifierError: self = .misused(error.description)
        case let error as MessageFault: self = .misused(error.description)
        case let error as CronFault: self = .misused(error.description)
        case let error as QueueError: self = .unreachable(error.description)
        case .unavailable(let reason) as CheckpointerError:
            self = .unreachable("the store gave no answer: \(reason)")
        default: self = .failed("\(error)")
        }
    }
}

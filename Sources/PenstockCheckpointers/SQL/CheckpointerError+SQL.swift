import PenstockModel
import PenstockSQL

extension CheckpointerError {
    /// What an error of the database means for the store; `subject` is what was being read.
    init(_ error: SQLError, about subject: String) {
        switch error {
        case .connectionLost(let reason), .contention(let reason), .startAnew(let reason):
            self = .unavailable(reason: reason)
        case .unreadable(let reason):
            self = .unreadable(what: subject, reason: reason)
        case .duplicate(let key):
            self = .unfit(reason: "another session has a row with this \(key) already")
        case .refused(let reason):
            self = .refused(reason: reason)
        case .unfit(let reason), .bug(let reason):
            self = .unfit(reason: reason)
        case .unmet:
            self = .unfit(reason: error.description)
        }
    }
}

extension SQLError {
    /// Whether the same transaction may well succeed when it is begun anew at once. All of ours may be repeated.
    var mayPass: Bool {
        switch self {
        case .connectionLost, .contention, .startAnew: true
        case .duplicate, .unmet, .refused, .unfit, .unreadable, .bug: false
        }
    }
}

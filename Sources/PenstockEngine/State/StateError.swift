import PenstockJSON

/// Why a state could not be read, written or changed, in a sentence.
struct StateError: Error, Hashable, Sendable, CustomStringConvertible {
    let description: String

    init(_ sentence: String) {
        description = sentence
    }
}

extension StateError {
    /// What an `EncodingError` or `DecodingError` says, with its path, and anything else as it describes
    /// itself.
    init(_ what: String, _ error: any Error) {
        self.init("\(what): \(sentence(of: error))")
    }
}

/// The error in words.
func sentence(of error: any Error) -> String {
    switch error {
    case let error as DecodingError: error.sentence
    case let error as EncodingError: error.sentence
    default: "\(error)"
    }
}

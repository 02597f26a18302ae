// What went wrong in encoding or decoding, as the one sentence that its thrower wrote.

extension DecodingError {
    /// The description without Swift's own words around it.
    package var sentence: String {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
            .dataCorrupted(let context):
            context.debugDescription
        @unknown default: "\(self)"
        }
    }
}

extension EncodingError {
    /// The description without Swift's own words around it.
    package var sentence: String {
        switch self {
        case .invalidValue(_, let context): context.debugDescription
        @unknown default: "\(self)"
        }
    }
}

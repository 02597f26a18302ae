/// Why a message cannot be taken.
package enum MessageFault: Error, Hashable, Sendable {
    /// It will never be: a sentence that says what was expected and what came.
    case refused(String)
    /// It was written for a later version of the format: another worker may know it.
    case newer(version: Int)
}

extension MessageFault: CustomStringConvertible {
    /// The sentence.
    package var description: String {
        switch self {
        case .refused(let sentence): sentence
        case .newer(let version):
            "the message has version \(version) of the format; only versions up to \(JobMessage.version) are known here"
        }
    }
}

/// Why a message cannot be taken.
package enum MessageFault: Error, Hashable, Sendable {
    /// It will never be: a sentence that says what was expected and what came.
    case refused(String)
    /// It was written for a later version of the format: another worker may know it.
    case newer(version: Int)
}

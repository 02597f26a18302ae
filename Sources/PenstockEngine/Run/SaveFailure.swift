/// Why a writer did not save.
package enum SaveFailure: Error, Hashable, Sendable {
    /// Another has opened the session since.
    case fenced
    /// The writer was closed, or the task cancelled while the store gave no answer. Whether the write took
    /// effect is unknown.
    case cancelled
    /// The store will not take it, or gave no answer for too long: a sentence.
    case store(String)
}

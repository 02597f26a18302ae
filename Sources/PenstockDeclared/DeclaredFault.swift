/// Something wrong in a flow's file.
package struct DeclaredFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let file: String
    /// The way to the fault in the file, such as `nodes.fetch.timeout_seconds`; empty for the file as a whole.
    package let path: String
    package let sentence: String

    package var description: String {
        path.isEmpty ? "\(file): \(sentence)" : "\(file): \(path): \(sentence)"
    }
}

/// A command line that cannot be understood: one sentence.
package struct ArgumentFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ sentence: String) {
        description = sentence
    }
}

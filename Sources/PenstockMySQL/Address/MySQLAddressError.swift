/// Why a text is no address of a MySQL server: a sentence that never repeats a password.
package struct MySQLAddressError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ sentence: String) {
        description = sentence
    }
}

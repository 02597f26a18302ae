package import PenstockModel

/// What the names of a store's tables begin with, so that several stores can share a database.
package struct TablePrefix: Hashable, Sendable, CustomStringConvertible {
    /// The prefix under which llmfy keeps its table.
    static let llmfy = "llmfy_"
    /// Leaves room for our names within the 63 bytes that PostgreSQL keeps of one.
    private static let maxLength = 40

    package let text: String

    /// - Throws: ``CheckpointerError/refused(reason:)`` with what was expected and what came.
    package init(_ text: String) throws(CheckpointerError) {
        let fits = text.utf8.allSatisfy { byte in isIdentifierByte(byte) && !".:-".utf8.contains(byte) }
        guard fits, text.utf8.count <= Self.maxLength else {
            throw .refused(
                reason: "a table prefix is at most \(Self.maxLength) of the characters A-Z a-z 0-9 _, "
                    + "not \"\(text.prefix(60))\"")
        }
        guard !text.lowercased().hasPrefix("sqlite_") else {
            throw .refused(reason: "SQLite keeps names that begin with sqlite_ for itself, so no table can")
        }
        self.text = text
    }

    package var description: String { text }

    /// The text of a schema file, or of a statement, for this store.
    func applied(to text: String) -> String {
        text.replacing("{prefix}", with: self.text)
    }

    func applied(to resource: [UInt8]) -> String {
        applied(to: String(decoding: resource, as: UTF8.self))
    }
}

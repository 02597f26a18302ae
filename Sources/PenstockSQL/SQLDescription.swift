/// What a database is and how it is set up, for people: what `doctor` prints.
package struct SQLDescription: Hashable, Sendable {
    /// A setting or a measure as the database reports it.
    package struct Fact: Hashable, Sendable {
        package let name: String
        package let value: String
        /// What this value endangers, as a sentence; nil when it is as it should be.
        package let complaint: String?

        package init(_ name: String, _ value: String, complaint: String? = nil) {
            self.name = name
            self.value = value
            self.complaint = complaint
        }
    }

    /// Such as `SQLite`.
    package let product: String
    package let version: String
    /// Where it is, without credentials.
    package let location: String
    package let facts: [Fact]

    package init(product: String, version: String, location: String, facts: [Fact]) {
        self.product = product
        self.version = version
        self.location = location
        self.facts = facts
    }
}

/// How a store keeps what it is given.
package struct StoreSettings: Hashable, Sendable {
    /// How surely a SQLite store writes.
    package enum Synchronous: String, Sendable, CaseIterable {
        case full
        case normal
    }

    package var tablePrefix = "penstock_"
    package var keyPrefix = "penstock:checkpoint:"
    /// How long after its last save a session is kept; `nil` for ever.
    package var life: Duration?
    /// States of at least so many bytes are kept compressed; none for `nil`.
    package var compressedFrom: Int?
    package var synchronous = Synchronous.full

    package init() {}
}

package import PenstockSQLite

/// How a store keeps what it is given.
package struct StoreSettings: Hashable, Sendable {
    package var tablePrefix = "penstock_"
    package var keyPrefix = "penstock:checkpoint:"
    /// How long after its last save a session is kept; `nil` for ever.
    package var life: Duration?
    /// States of at least so many bytes are kept compressed; none for `nil`.
    package var compressedFrom: Int?
    /// How surely a SQLite store writes.
    package var synchronous = SQLiteOptions.Synchronous.full

    package init() {}
}

/// Which Penstock this is.
package enum Version {
    /// As in CHANGELOG.md.
    package static let text = "0.1.0"
}

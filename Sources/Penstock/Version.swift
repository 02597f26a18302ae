/// Which Penstock this is.
package enum Version {
    /// What `--version` prints, and the latest heading of CHANGELOG.md.
    package static let text = "0.1.0"
}

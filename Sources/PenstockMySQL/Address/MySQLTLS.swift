/// How a connection is encrypted, and how far the server has to prove who it is.
///
/// A Unix socket is never encrypted, whatever stands here. Where ``authorities`` are given, ``Mode/preferred`` and
/// ``Mode/required`` check the certificate as ``Mode/verifyAuthority`` does. OpenSSL writes without keeping SIGPIPE off: the
/// process is to ignore it.
package struct MySQLTLS: Hashable, Sendable {
    package enum Mode: String, Hashable, Sendable, CaseIterable {
        case disabled
        /// If the server offers it. Whoever stands in between can take the offer away.
        case preferred
        /// Or no connection. Whoever stands in between can pretend to be the server.
        case required
        /// The server's certificate is signed by a known authority.
        case verifyAuthority = "verify-ca"
        /// That, and the certificate is for the host that was asked for.
        case verifyFull = "verify-full"
    }

    package var mode = Mode.preferred
    /// Files in PEM format: the authorities to trust instead of the system's, our own certificate and its key, and the
    /// certificates that were revoked.
    package var authorities: String?
    package var certificate: String?
    package var key: String?
    package var revoked: String?

    package init(mode: Mode = .preferred) {
        self.mode = mode
    }
}

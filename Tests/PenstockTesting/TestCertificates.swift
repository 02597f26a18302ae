import Foundation

/// Certificates for a server under test, made by `openssl` in a folder that lives as long as this: `authority.pem`, and
/// `server.pem` with its `server.key` for the host `localhost`.
package final class TestCertificates: Sendable {
    package let folder: String

    package init() throws {
        folder = try ScratchFolders.make(for: "certificates")
        // The server may run as another user.
        guard chmod(folder, 0o755) == 0 else { throw TestServerError(description: "chmod: errno \(errno).") }
        let request = ["req", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        try openssl(
            request + ["-x509", "-days", "2", "-subj", "/CN=authority"]
                + ["-keyout", path("authority.key"), "-out", path("authority.pem")])
        try openssl(
            request + ["-subj", "/CN=localhost", "-keyout", path("server.key"), "-out", path("server.csr")])
        try openssl(
            ["x509", "-req", "-days", "2", "-in", path("server.csr"), "-out", path("server.pem")]
                + ["-CA", path("authority.pem"), "-CAkey", path("authority.key"), "-CAcreateserial"])
        for file in ["authority.pem", "server.pem", "server.key"] {
            guard chmod(path(file), 0o644) == 0 else {
                throw TestServerError(description: "chmod: errno \(errno).")
            }
        }
    }

    deinit { ScratchFolders.remove(folder) }

    package func path(_ file: String) -> String { "\(folder)/\(file)" }

    private func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        let complaints = Pipe()
        process.standardError = complaints
        try process.run()
        let said = complaints.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw TestServerError(description: "openssl: \(String(decoding: said, as: UTF8.self))")
        }
    }
}

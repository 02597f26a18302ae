import Foundation
import PenstockTesting

/// Certificates for servers of tests, made by `openssl`.
enum Certificates {
    /// Makes an authority: `<name>.crt` and `<name>.key`.
    static func make(authority name: String, in folder: String) throws {
        try openssl(
            "req", "-x509", "-new", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days",
            "2",
            "-subj", "/CN=\(name)", "-keyout", "\(folder)/\(name).key", "-out", "\(folder)/\(name).crt")
    }

    /// Makes the server's own certificate, for `localhost`, where it looks for it, and the authority that vouches for it.
    static func make(for server: TestPostgres, signedBy authority: String) throws {
        let folder = server.folder
        try make(authority: authority, in: folder)
        try openssl(
            "req", "-new", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-subj",
            "/CN=localhost",
            "-keyout", "\(folder)/data/server.key", "-out", "\(folder)/server.csr")
        try openssl(
            "x509", "-req", "-in", "\(folder)/server.csr", "-days", "2", "-CA", "\(folder)/\(authority).crt",
            "-CAkey", "\(folder)/\(authority).key", "-CAcreateserial", "-out", "\(folder)/data/server.crt")
        var facts = stat()
        guard stat("\(folder)/data", &facts) == 0 else { throw CocoaError(.fileReadUnknown) }
        for file in ["server.key", "server.crt"] {
            guard chmod("\(folder)/data/\(file)", 0o600) == 0,
                chown("\(folder)/data/\(file)", facts.st_uid, facts.st_gid) == 0
            else { throw CocoaError(.fileWriteNoPermission) }
        }
    }

    private static func openssl(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    }
}

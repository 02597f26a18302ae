package import PenstockMySQL

/// A database on a ``TestMySQL`` that one test has to itself.
package final class TestMySQLDatabase: Sendable {
    package let server: TestMySQL
    package let name = "test_" + String(UInt64.random(in: 0 ... .max), radix: 36)

    init(on server: TestMySQL) {
        self.server = server
    }

    /// What cannot be dropped, because the server is gone, ends with the server's folder.
    deinit { _ = try? server.runBlocking("DROP DATABASE \(name)") }

    package var address: MySQLAddress {
        var address = server.address
        address.database = name
        return address
    }

    package var url: String {
        let parts = server.url.split(separator: "?", maxSplits: 1)
        let authority = parts[0].split(separator: "/", omittingEmptySubsequences: false).prefix(3)
        return (authority + [name[...]]).joined(separator: "/") + (parts.count == 2 ? "?\(parts[1])" : "")
    }

    /// See ``TestMySQL/run(_:in:)``.
    @discardableResult
    package func run(_ sql: String) async throws -> [String] {
        try await server.run(sql, in: name)
    }
}

import PenstockMySQL
import PenstockSQL
import PenstockTesting

extension TestMySQLDatabase {
    /// The session that runs SLEEP in this database, once there is one.
    func sleeper() async throws -> String {
        while true {
            let ids = try await run(
                """
                SELECT id FROM information_schema.processlist WHERE db = '\(name)' AND state = 'User sleep'
                """)
            if let id = ids.first { return id }
            await Task.yield()
        }
    }

    /// An address of this database for a new user, with a password.
    func makeUser(rights: String, with limits: String) async throws -> MySQLAddress {
        let user = "u\(UInt32.random(in: 0 ... .max))"
        let password = "topsecret '\"\\%@/?🚰"
        let literal = password.replacing("\\", with: "\\\\").replacing("'", with: "''")
        try await run(
            "CREATE USER \(user)@localhost IDENTIFIED BY '\(literal)'\(limits.isEmpty ? "" : " WITH \(limits)")"
        )
        try await run("CREATE USER \(user)@'127.0.0.1' IDENTIFIED BY '\(literal)'")
        try await run("GRANT \(rights) ON \(name).* TO \(user)@localhost")
        var address = address
        address.user = user
        address.password = password
        return address
    }
}

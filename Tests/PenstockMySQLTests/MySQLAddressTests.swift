import PenstockMySQL
import PenstockTesting
import Testing

struct MySQLAddressTests {
    @Test
    func `the servers of tests are there, and databases come and go`() async throws {
        let mariaDB = try await TestMariaDB.shared
        let name: String
        do {
            let database = try await mariaDB.makeDatabase()
            name = database.name
            #expect(try MySQLAddress(database.url) == database.address)
            #expect(try await database.run("SELECT database()") == [name])
        }
        #expect(try await mariaDB.run("SHOW DATABASES LIKE '\(name)'") == [])
        let own = try await TestMariaDB.start(options: ["--max-allowed-packet=1M"])
        let kept = try await own.makeDatabase()
        try await kept.run("CREATE TABLE t(a INT PRIMARY KEY)")
        try await kept.run("INSERT INTO t VALUES (7)")
        own.kill()
        try await own.restart()
        #expect(try await kept.run("SELECT a FROM t") == ["7"])
        #expect(try await own.run("SELECT @@max_allowed_packet") == ["1048576"])
    }
}

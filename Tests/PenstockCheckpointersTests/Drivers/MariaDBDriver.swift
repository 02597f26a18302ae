import PenstockCheckpointers
import PenstockMySQL
import PenstockTesting

extension CheckpointerDriver {
    static let mariadb = CheckpointerDriver("mariadb") { use in
        let database = try await TestMariaDB.shared.makeDatabase()
        let address = try MySQLAddress(database.url)
        let first = try await SQLCheckpointer.mysql(address)
        let second = try await SQLCheckpointer.mysql(address)
        try await use(first, second)
        await first.close()
        await second.close()
    }
}

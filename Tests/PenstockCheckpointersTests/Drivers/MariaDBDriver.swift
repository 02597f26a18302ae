import PenstockCheckpointers
import PenstockExecutors
import PenstockModel
import PenstockMySQL
import PenstockTesting

extension CheckpointerDriver {
    /// Or MySQL's own server, see ``TestMySQL``.
    static let mariadb = mariadb(TestMySQL.product) { store, _ in store }

    /// Its answers waited for by a loop.
    static let mariadbOnLoop = mariadb("\(TestMySQL.product) on a loop") { StoreOnLoop(store: $0, loop: $1) }

    private static func mariadb(
        _ name: String,
        as seen: @escaping @Sendable (any Checkpointer, SocketLoop) -> any Checkpointer
    ) -> CheckpointerDriver {
        CheckpointerDriver(name) { use in
            let database = try await TestMySQL.shared.makeDatabase()
            defer { withExtendedLifetime(database) {} }
            let (address, loop) = (try MySQLAddress(database.url), SocketLoop())
            let first = try await SQLCheckpointer.mysql(address, on: loop)
            let second = try await SQLCheckpointer.mysql(address, on: loop)
            try await use(seen(first, loop), seen(second, loop))
            await first.close()
            await second.close()
        }
    }
}

import PenstockCheckpointers
import PenstockExecutors
import PenstockModel
import PenstockPostgres
import PenstockTesting

extension CheckpointerDriver {
    static let postgres = postgres("postgres") { store, _ in store }

    /// Its answers waited for by a loop.
    static let postgresOnLoop = postgres("postgres on a loop") { StoreOnLoop(store: $0, loop: $1) }

    private static func postgres(
        _ name: String,
        as seen: @escaping @Sendable (any Checkpointer, SocketLoop) -> any Checkpointer
    ) -> CheckpointerDriver {
        CheckpointerDriver(name) { use in
            let address = try PostgresAddress(await TestPostgres.shared.schema())
            let loop = SocketLoop()
            let first = try await SQLCheckpointer.postgres(address, on: loop)
            let second = try await SQLCheckpointer.postgres(address, on: loop)
            try await use(seen(first, loop), seen(second, loop))
            await first.close()
            await second.close()
        }
    }
}

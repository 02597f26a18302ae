import PenstockCheckpointers
import PenstockPostgres
import PenstockTesting

extension CheckpointerDriver {
    static let postgres = CheckpointerDriver("postgres") { use in
        let address = try PostgresAddress(await TestPostgres.shared.schema())
        let first = try await SQLCheckpointer.postgres(address)
        let second = try await SQLCheckpointer.postgres(address)
        try await use(first, second)
        await first.close()
        await second.close()
    }
}

import PenstockModel
import PenstockMySQL
import PenstockPostgres
import PenstockTesting
import Testing

@testable import PenstockCheckpointers

extension CheckpointerDriver {
    /// A store in memory and a SQLite file; two workers, each with a pair of its own.
    static let replicated = inMemoryAndFile("replicated", .sync)

    /// The same, the file following.
    static let replicatedAsync = inMemoryAndFile("replicated async", .async)

    /// Two servers of different kinds.
    static let replicatedServers = CheckpointerDriver("replicated postgres+\(TestMySQL.product)") { use in
        let postgres = try PostgresAddress(await TestPostgres.shared.schema())
        let database = try await TestMySQL.shared.makeDatabase()
        let mariadb = try MySQLAddress(database.url)
        let first = ReplicatedCheckpointer(
            primary: try await SQLCheckpointer.postgres(postgres),
            secondary: try await SQLCheckpointer.mysql(mariadb))
        let second = ReplicatedCheckpointer(
            primary: try await SQLCheckpointer.postgres(postgres),
            secondary: try await SQLCheckpointer.mysql(mariadb))
        try await Self.use(first, second, whenBoth: .complete, use)
        // It is dropped with its last reference.
        withExtendedLifetime(database) {}
    }

    private static func inMemoryAndFile(
        _ name: String, _ replication: PairSettings.Replication
    ) -> CheckpointerDriver {
        CheckpointerDriver(name) { use in
            let scratch = try ScratchFolder()
            let memory = MemoryCheckpointer()
            let settings = PairSettings(replication: replication)
            let first = ReplicatedCheckpointer(
                primary: CutReplica(memory), secondary: try await SQLCheckpointer.sqlite(path: scratch.file),
                settings: settings)
            let second = ReplicatedCheckpointer(
                primary: CutReplica(memory), secondary: try await SQLCheckpointer.sqlite(path: scratch.file),
                settings: settings)
            try await Self.use(first, second, whenBoth: replication == .sync ? .complete : .following, use)
        }
    }

    /// Waits until both workers know that the pair stands so: while it changes, an opening may be made anew, which raises the epoch once
    /// more. And it has to stand so to the end.
    private static func use(
        _ first: ReplicatedCheckpointer, _ second: ReplicatedCheckpointer,
        whenBoth standby: PairStanding.Standby, _ use: Use
    ) async throws {
        for pair in [first, second] {
            while pair.keeper.agreed?.standby != standby { await pair.keeper.turn() }
        }
        let standing = first.keeper.agreed
        try await use(first, second)
        #expect(first.keeper.agreed == standing)
        #expect(second.keeper.agreed == standing)
        await first.close()
        await second.close()
    }
}

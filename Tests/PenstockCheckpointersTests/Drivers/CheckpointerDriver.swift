import PenstockCheckpointers
import PenstockModel
import PenstockTesting
import Testing

/// A kind of store, as the conformance tests run on it; its name stands in the report of each of its test cases.
struct CheckpointerDriver: Sendable, CustomTestStringConvertible {
    typealias Use = @Sendable (_ first: any Checkpointer, _ second: any Checkpointer) async throws -> Void

    let name: String
    /// Whether records of jobs have a time to live of the server's, so that cleaning is not what removes them.
    let forgetsJobsByItself: Bool
    /// Makes an empty store that nobody else uses, opens two clients of it, and takes all of it down after `use`. Where
    /// a store lives in one object, both clients are that object.
    private let withClients: @Sendable (_ use: Use) async throws -> Void

    init(
        _ name: String, forgetsJobsByItself: Bool = false,
        withClients: @escaping @Sendable (_ use: Use) async throws -> Void
    ) {
        self.name = name
        self.forgetsJobsByItself = forgetsJobsByItself
        self.withClients = withClients
    }

    var testDescription: String { name }

    func withTwoClients(_ use: Use) async throws {
        try await withClients(use)
    }

    /// For a driver of ``Drivers/replicas``.
    func withReplica(_ use: @Sendable (any ReplicaStore) async throws -> Void) async throws {
        try await withClients { store, _ in try await use(#require(store as? any ReplicaStore)) }
    }

    func withStore(_ use: @Sendable (any Checkpointer) async throws -> Void) async throws {
        try await withClients { store, _ in try await use(store) }
    }
}

/// Of the tests of MySQL's own server, that server's drivers alone: see ``TestMySQL``.
enum Drivers {
    /// Every driver of the port. A new one is added here, and has to pass all that stands in `Conformance`.
    static let checkpointers =
        lookedAt + (TestMySQL.isMySQL ? [] : [.replicated, .replicatedAsync]) + [.replicatedServers]

    /// Those whose sessions may be opened by their first save; the others have them opened before.
    static let lookedAt: [CheckpointerDriver] =
        TestMySQL.isMySQL
        ? [.mariadb, .mariadbOnLoop]
        : [
            .memory, .redis, .sqlite, .postgres, .postgresOnLoop, .mariadb, .mariadbOnLoop,
            .compressing,
        ]

    /// Those that a session can be copied into.
    static let replicas: [CheckpointerDriver] =
        TestMySQL.isMySQL ? [.mariadb] : [.memory, .redis, .sqlite, .postgres, .mariadb]
}

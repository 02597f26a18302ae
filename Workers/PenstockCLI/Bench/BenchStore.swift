import Penstock
import PenstockModel

/// A store to be measured.
enum BenchStore: Hashable, Sendable {
    /// In this process, beside the file of the benchmark's folder, or in its server.
    case memory, sqlite, redis
    /// One that is there already, where the benchmark has tables or keys of its own.
    case address(StoreAddress)

    private static let own: [(name: String, store: BenchStore)] = [
        ("memory", .memory), ("sqlite", .sqlite), ("redis", .redis),
    ]

    static let all = own.map(\.store)

    /// - Throws: ``Failure`` when the text neither names a store nor is the address of one.
    init(_ text: String) throws {
        if let own = Self.own.first(where: { $0.name == text }) {
            self = own.store
            return
        }
        let names = Self.own.map(\.name)
        guard text.contains(":") else {
            throw Failure.misused(
                "there is no store \"\(text)\" to measure" + Nearest.suggestion(for: text, among: names)
                    + "; there are " + names.joined(separator: ", ") + ", and a store's URL")
        }
        do throws(StoreAddressError) {
            self = .address(try StoreAddress(text))
        } catch {
            throw Failure.misused(error.description)
        }
    }

    /// With a password covered.
    var name: String {
        switch self {
        case .address(let address): address.description
        case .memory, .sqlite, .redis: Self.own.first { $0.store == self }?.name ?? ""
        }
    }

    /// The same for one store wherever it stands.
    var kind: String {
        if case .address(let address) = self {
            String(address.description.prefix { $0 != ":" })
        } else {
            name
        }
    }

    var durability: String {
        switch self {
        case .sqlite: "WAL, flushed before each answer"
        case .redis: "none (no AOF)"
        case .memory: "none"
        case .address: "as it is there"
        }
    }
}

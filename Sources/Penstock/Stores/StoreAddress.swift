import PenstockModel
package import PenstockMySQL
package import PenstockPostgres
package import PenstockRedis

/// Where sessions and checkpoints are kept.
package enum StoreAddress: Hashable, Sendable {
    /// In this process alone, and gone with it.
    case memory
    /// In a file on this host.
    case sqlite(path: String)
    case postgres(PostgresAddress)
    case mysql(MySQLAddress)
    case redis(RedisAddress)
}

/// Why a text names no store: a sentence that never repeats a password.
public struct StoreAddressError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What a store is, and what was given instead.
    public let description: String
}

extension StoreAddress {
    /// The forms that it can have, for help texts.
    package static let forms =
        "memory:, sqlite:PATH, postgres://USER:PASSWORD@HOST:PORT/DB, mysql://USER:PASSWORD@HOST:PORT/DB, "
        + "redis://HOST:PORT/DB, redis+unix:///PATH, redis+sentinel://HOST:PORT,HOST:PORT/MASTER/DB or redis+cluster://HOST:PORT,HOST:PORT"

    private static let schemes = [
        "memory", "sqlite", "postgres", "postgresql", "mysql", "mariadb", "redis", "redis+unix",
        "redis+sentinel", "redis+cluster",
    ]

    package init(_ text: String) throws(StoreAddressError) {
        guard let colon = text.firstIndex(of: ":") else {
            throw StoreAddressError(description: "a store is \(Self.forms)")
        }
        let scheme = text[..<colon].lowercased()
        let rest = String(text[text.index(after: colon)...])
        switch scheme {
        case "memory":
            guard rest.isEmpty else {
                throw StoreAddressError(description: "memory: takes nothing behind the colon")
            }
            self = .memory
        case "sqlite":
            self = .sqlite(path: try Self.path(rest))
        case "redis", "redis+unix", "redis+sentinel", "redis+cluster", "rediss":
            do {
                self = .redis(try RedisAddress(text))
            } catch {
                throw StoreAddressError(description: error.description)
            }
        case "postgres", "postgresql":
            do {
                self = .postgres(try PostgresAddress(text))
            } catch {
                throw StoreAddressError(description: error.description)
            }
        case "mysql", "mariadb":
            do {
                self = .mysql(try MySQLAddress(text))
            } catch {
                throw StoreAddressError(description: error.description)
            }
        default:
            throw StoreAddressError(
                description: "there is no store \"\(scheme.prefix(20)):\""
                    + Nearest.suggestion(for: scheme, among: Self.schemes) + "; a store is \(Self.forms)")
        }
    }

    /// `sqlite:penstock.db`, `sqlite:/var/lib/penstock.db`, and `sqlite:///var/lib/penstock.db` as other programs write it.
    private static func path(_ rest: String) throws(StoreAddressError) -> String {
        let path = rest.hasPrefix("///") ? String(rest.dropFirst(2)) : rest
        guard !path.isEmpty, !path.hasPrefix("//") else {
            throw StoreAddressError(
                description: "sqlite: names a file, as in sqlite:penstock.db or sqlite:/var/lib/penstock.db")
        }
        return path
    }
}

extension RedisAddress {
    /// The address for a store whose keys begin with `prefix`.
    func serving(store prefix: String) throws(CheckpointerError) -> RedisAddress {
        do throws(RedisAddressError) {
            return try serving(prefix: prefix)
        } catch {
            throw .refused(reason: "store_key_prefix: \(error.description)")
        }
    }
}

/// The address with its password covered: fit for logs.
extension StoreAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .memory: "memory:"
        case .sqlite(let path): "sqlite:\(path)"
        case .postgres(let address): address.description
        case .mysql(let address): address.description
        case .redis(let address): address.description
        }
    }
}

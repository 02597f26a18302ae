/// What is said on a new connection before it is anybody's, and what the answers mean.
enum RedisGreeting: Hashable, Sendable {
    case authenticate, role, select, name, ping

    enum Verdict: Hashable {
        case goOn
        /// The server is there and the connection is usable.
        case open
        /// Not yet: Redis is loading its data, say. Try again.
        case later(String)
        /// This will not become right by itself: a wrong password, say.
        case never(RedisError)
    }

    static func commands(for address: RedisAddress, named name: String?) -> [(RedisGreeting, RedisCommand)] {
        var commands: [(RedisGreeting, RedisCommand)] = []
        if let password = address.password {
            let command =
                address.user.map { RedisCommand("AUTH", $0, password) } ?? RedisCommand("AUTH", password)
            commands.append((.authenticate, command))
        }
        if case .sentinels = address.place { commands.append((.role, RedisCommand("ROLE"))) }
        if address.database != 0 { commands.append((.select, RedisCommand("SELECT", address.database))) }
        if let name { commands.append((.name, RedisCommand("CLIENT", "SETNAME", name))) }
        commands.append((.ping, RedisCommand("PING")))
        return commands
    }

    func verdict(on reply: RedisReply) -> Verdict {
        guard case .error(let message) = reply else {
            switch self {
            case .ping: return .open
            // The sentinel is behind the others, or the server is: ask again.
            case .role where reply.asArray?.first?.asString != "master":
                return .later("the server that the sentinels name is no master")
            case .authenticate, .role, .select, .name: return .goOn
            }
        }
        let passing = ["LOADING", "MASTERDOWN", "BUSY", "TRYAGAIN", "ERR max number of clients"]
        if passing.contains(where: { message.hasPrefix($0) }) { return .later(message) }
        switch self {
        // The name is a decoration, and a user may lack the right to it.
        case .name: return .goOn
        // Without the right to ask for it we take the sentinels' word.
        case .role: return .goOn
        // A user who may not PING has reached a server that answers all the same.
        case .ping where message.hasPrefix("NOPERM"): return .open
        case .authenticate, .select, .ping: return .never(.refused(quoting: message))
        }
    }
}

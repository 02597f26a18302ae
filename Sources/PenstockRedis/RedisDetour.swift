/// What a server says to a command that it surely did not carry out, though nothing is wrong with the command.
enum RedisDetour: Hashable, Sendable {
    /// It is no master, or not yet or no longer one that may be written to: another may have taken its place.
    case elsewhere
    /// The slot is that node's.
    case moved(to: RedisAddress.Node)
    /// The slot is being moved, and the command's key is not here (any more): it belongs to that node.
    case ask(RedisAddress.Node)
    /// The slot is being moved, and some of the command's keys are here, some there.
    case later

    /// How often one command follows the slot.
    static let mostMoves = 8
    /// How long a node may take that is asked while the slot is on its way to it.
    static let askLimit = Duration.seconds(1)

    /// `host` is the server's, for a cluster that names nodes by their ports alone.
    init?(_ message: String, from host: String, inCluster: Bool) {
        let words = message.split(separator: " ", maxSplits: 3)
        switch words.first {
        case "READONLY", "LOADING", "MASTERDOWN", "NOREPLICAS", "UNBLOCKED", "CLUSTERDOWN": self = .elsewhere
        case "TRYAGAIN": self = .later
        case "MOVED" where inCluster:
            guard words.count == 3, let node = Self.node(words[2], host) else { return nil }
            self = .moved(to: node)
        case "ASK" where inCluster:
            guard words.count == 3, let node = Self.node(words[2], host) else { return nil }
            self = .ask(node)
        case "ERR" where Self.isRefusedWrite(message): self = .elsewhere
        default: return nil
        }
    }

    /// How Redis 6 says it when the write is a script's; it refuses the first one, so that nothing was written.
    private static func isRefusedWrite(_ message: String) -> Bool {
        message.hasPrefix("ERR Error running script")
            && (message.contains(" -READONLY ") || message.contains(" -NOREPLICAS "))
    }

    /// `127.0.0.1:7000`, `::1:7000`, or `:7000` for the host that we are at.
    private static func node(_ text: Substring, _ here: String) -> RedisAddress.Node? {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        let host = text[..<colon]
        return RedisAddress.Node(host: host.isEmpty || host == "?" ? here : String(host), port: port)
    }
}

/// A call of a script that may go to the server together with others of that script.
struct RedisScriptCall: Sendable {
    typealias Waiter = UnsafeContinuation<Result<RedisReply, RedisError>, Never>

    let text: RedisScript.Text
    let keys: RedisArguments
    let arguments: RedisArguments
    /// Resumed exactly once, as ``RedisRequest/Waiter`` says.
    let waiter: Waiter

    /// How many go together at most: others wait for Redis meanwhile.
    private static let mostTogether = 32

    /// The calls of each script together, in their order.
    static func requests(for calls: [RedisScriptCall], limit: Duration) -> [RedisRequest] {
        var groups: [[RedisScriptCall]] = []
        for call in calls {
            // Few scripts are called this way.
            let place = groups.lastIndex { $0[0].text.digest == call.text.digest }
            if let place, groups[place].count < mostTogether {
                groups[place].append(call)
            } else {
                groups.append([call])
            }
        }
        return groups.map { group in
            RedisRequest(
                command: group[0].text.call(group),
                waiter: group.count == 1 ? .one(group[0].waiter) : .together(group.map(\.waiter)),
                limit: limit, patience: limit)
        }
    }
}

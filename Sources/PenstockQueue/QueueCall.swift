package import PenstockRedis

/// One script with all that it is called with, and how its answer is read.
///
/// It is built once and may be sent again, over any connection, when its reply was lost: a script that changes something knows the call
/// by its number and answers the same.
package struct QueueCall<Answer: Sendable>: Sendable {
    package let call: RedisScriptCall
    private let read: @Sendable (RedisReply) -> Answer?

    init(
        script: RedisScript, keys: [String], arguments: RedisArguments,
        read: @escaping @Sendable (RedisReply) -> Answer?
    ) {
        call = RedisScriptCall(script, keys: keys, arguments: arguments)
        self.read = read
    }

    /// What a reply to the script says.
    ///
    /// - Returns: The answer.
    /// - Throws: ``QueueError/unexpected(reply:)``.
    package func answer(from reply: RedisReply) throws(QueueError) -> Answer {
        guard let answer = read(reply) else {
            throw .unexpected(reply: "\(call.script.name): " + String(describing: reply).prefix(200))
        }
        return answer
    }

    /// Sends it over the connection that all slots share.
    package func send(over client: RedisClient) async throws(QueueError) -> Answer {
        do {
            return try answer(from: await client.run(call))
        } catch let error as RedisError {
            throw QueueError(error)
        } catch {
            throw .unavailable(reason: "\(error)")
        }
    }

    /// Sends it from a thread of its own, and waits.
    package func send(over connection: RedisBlockingConnection) throws(QueueError) -> Answer {
        do {
            return try answer(from: connection.run(call))
        } catch let error as RedisError {
            throw QueueError(error)
        } catch {
            throw .unavailable(reason: "\(error)")
        }
    }
}

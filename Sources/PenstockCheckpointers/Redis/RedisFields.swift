import PenstockModel
import PenstockRedis

/// What a script answered, or a command that reads several fields.
struct RedisFields {
    private let fields: [RedisReply]
    private let name: String

    init(_ reply: RedisReply, count: Int, of name: String) throws(CheckpointerError) {
        guard let fields = reply.asArray, fields.count == count else {
            throw .unexpected(reply, to: name)
        }
        self.fields = fields
        self.name = name
    }

    func text(_ place: Int) -> String? { fields[place].asString }

    func bytes(_ place: Int) -> [UInt8]? { fields[place].asBytes }

    func integerIfPresent(_ place: Int) -> Int? { fields[place].asInt }

    func integer(_ place: Int) throws(CheckpointerError) -> Int {
        guard let integer = fields[place].asInt else { throw .unexpected(.array(fields), to: name) }
        return integer
    }

    func checkpoint(_ place: Int, of session: SessionID) throws(CheckpointerError) -> Checkpoint? {
        guard let bytes = fields[place].asBytes else { return nil }
        return try RedisCheckpoint.read(bytes, of: session)
    }
}

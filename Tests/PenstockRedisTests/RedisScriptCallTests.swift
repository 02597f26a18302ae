import PenstockRedis
import Testing

@Suite struct RedisScriptCallTests {
    @Test func `a script that stands behind a call takes what comes behind that call's`() {
        let call = RedisScriptCall(
            RedisScript(name: "s", source: ""), keys: ["a", "b"], arguments: ["1", "2", "3"])
        let source = "redis.call('SET', KEYS[1], ARGV[1]) return #KEYS[12] .. ARGV[10] -- KEYS, ARGV[9...]"
        let text = RedisScript.standing(Array(source.utf8), behind: call)
        #expect(
            String(decoding: text, as: UTF8.self)
                == "redis.call('SET', KEYS[3], ARGV[4]) return #KEYS[14] .. ARGV[13] -- KEYS, ARGV[9...]")
    }
}

import PenstockRedis
import Synchronization

/// The scripts of the store; what each takes and answers stands in its own file.
enum RedisScripts {
    private static let head = PackageResources.head_lua
    private static let position = PackageResources.position_lua
    private static let lifetime = PackageResources.lifetime_lua
    private static let found = PackageResources.found_lua
    private static let jobs = PackageResources.jobs_lua

    static let open = RedisScript(
        name: "open", source: head + position + lifetime + found + PackageResources.open_lua)
    static let save = RedisScript(
        name: "save",
        source: PackageResources.save_first_lua + Array("if is_plain then return 1 end\n".utf8) + saveRest
            + Array("return 1\n".utf8))
    private static let saveRest = lifetime + jobs + PackageResources.save_lua
    private static let followed = Mutex<[Following: RedisScript]>([:])

    /// What a script that saves and then makes a call depends on.
    private struct Following: Hashable {
        let digest: String
        let keys: Int
        let arguments: Int
    }

    /// The script that saves as ``save`` does and then, if the checkpoint has been written just now, does what a call does. Its answer is
    /// the call's then, and a number as ``save`` has it otherwise. It takes what the call takes, and behind that what ``save`` does.
    static func save(then call: RedisScriptCall) -> RedisScript {
        let following = Following(
            digest: call.script.digest, keys: call.keys.count, arguments: call.arguments.count)
        return followed.withLock { known in
            if let script = known[following] { return script }
            let first =
                PackageResources.save_first_lua + Array("if not is_plain then\n".utf8) + saveRest
                + Array("end\n".utf8)
            let script = RedisScript(
                name: "save, then \(call.script.name)",
                source: RedisScript.standing(first, behind: call) + call.script.source)
            known[following] = script
            return script
        }
    }
    static let record = RedisScript(
        name: "record", source: head + lifetime + jobs + PackageResources.record_lua)
    static let job = RedisScript(name: "job", source: PackageResources.job_lua)
    static let rows = RedisScript(name: "rows", source: position + PackageResources.rows_lua)
    static let summary = RedisScript(name: "summary", source: head + position + PackageResources.summary_lua)
    static let ages = RedisScript(name: "ages", source: PackageResources.ages_lua)
    static let clean = RedisScript(name: "clean", source: head + position + PackageResources.clean_lua)
    static let delete = RedisScript(name: "delete", source: head + PackageResources.delete_lua)
    static let reset = RedisScript(name: "reset", source: head + position + PackageResources.reset_lua)
    static let absorb = RedisScript(
        name: "absorb", source: head + lifetime + jobs + PackageResources.absorb_lua)
    static let tip = RedisScript(name: "tip", source: head + position + PackageResources.tip_lua)
    static let replace = RedisScript(name: "replace", source: PackageResources.replace_lua)
}

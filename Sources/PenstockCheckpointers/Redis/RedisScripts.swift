import PenstockRedis

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
        name: "save", source: PackageResources.save_first_lua + lifetime + jobs + PackageResources.save_lua)
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

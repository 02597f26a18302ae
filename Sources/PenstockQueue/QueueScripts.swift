import PenstockRedis

/// The scripts of this folder's `Lua`, each with the prelude in front.
enum QueueScripts {
    private static let prelude = PackageResources.moment_lua + PackageResources.prelude_lua

    static let claim = limited("claim", PackageResources.claim_lua)
    static let complete = RedisScript(
        name: "complete",
        source: PackageResources.complete_first_lua + prelude + PackageResources.limits_lua
            + PackageResources.complete_lua)
    static let requeue = limited("requeue", PackageResources.requeue_lua)
    static let bury = limited("bury", PackageResources.bury_lua)
    static let register = script("register", PackageResources.register_lua)
    static let beat = script("beat", PackageResources.beat_lua)
    static let survey = limited("survey", PackageResources.survey_lua)
    static let cleaning = script("cleaning", PackageResources.cleaning_lua)
    static let reap = script("reap", PackageResources.reap_lua)
    static let recover = script("recover", PackageResources.recover_lua)
    static let leave = script("leave", PackageResources.leave_lua)
    static let purge = limited("purge", PackageResources.purge_lua)
    static let exhume = script("exhume", PackageResources.exhume_lua)
    static let forget = script("forget", PackageResources.forget_lua)
    static let enqueue = script("enqueue", PackageResources.enqueue_lua)
    static let cancel = script("cancel", PackageResources.cancel_lua)
    static let limit = script("limit", PackageResources.limit_lua)
    static let cronPut = script("cron_put", PackageResources.cron_put_lua)
    static let cronDue = script("cron_due", PackageResources.cron_due_lua)
    static let cronFire = script("cron_fire", PackageResources.cron_fire_lua)
    static let cronDefer = script("cron_defer", PackageResources.cron_defer_lua)
    static let cronPause = script("cron_pause", PackageResources.cron_pause_lua)
    static let cronRemove = script("cron_remove", PackageResources.cron_remove_lua)

    /// One that starts jobs or ends them, and so has to do with how many there may be.
    private static func limited(_ name: String, _ body: [UInt8]) -> RedisScript {
        script(name, PackageResources.limits_lua + body)
    }

    private static func script(_ name: String, _ body: [UInt8]) -> RedisScript {
        RedisScript(name: name, source: prelude + body)
    }
}

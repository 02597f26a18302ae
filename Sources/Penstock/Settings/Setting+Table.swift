import PenstockCheckpointers
import PenstockModel
import PenstockPool
import PenstockQueue
import PenstockRedis
import PenstockSQLite

extension Setting {
    /// Every key that can be set: parsing, help texts and Config/README.md come from here.
    package static let all: [Setting] = [
        redisSettings, storeSettings, workSettings, limitSettings, logSettings,
    ].flatMap(\.self)

    private static let redisSettings: [Setting] = [
        Setting(
            "redis_url", .redis, "URL", standard: "redis://127.0.0.1:6379/0",
            "where Redis is: redis://[USER:PASSWORD@]HOST[:PORT][/DB], redis+unix:///PATH[?db=N], "
                + "redis+sentinel://[USER:PASSWORD@]HOST[:PORT],HOST[:PORT]…/MASTER[/DB] or "
                + "redis+cluster://[USER:PASSWORD@]HOST[:PORT],HOST[:PORT]…"
        ) { settings, text throws(SettingFault) in
            do throws(RedisAddressError) {
                settings.redis = try RedisAddress(text)
            } catch {
                throw .sentence(error.description)
            }
        },
        Setting(
            "prefix", .redis, "PREFIX", standard: QueueKeys.defaultPrefix,
            "in front of all of the queue's keys; in a cluster it holds a hash tag, which puts them into one slot: {penstock}:"
        ) { settings, text throws(SettingFault) in settings.prefix = try SettingText.keyPrefix(text) },
    ]

    private static let storeSettings: [Setting] = [
        Setting(
            "store_url", .store, "URL", standard: "that same Redis",
            "where sessions and checkpoints are kept: " + StoreAddress.forms
        ) { settings, text throws(SettingFault) in
            do throws(StoreAddressError) {
                settings.storeURL = try StoreAddress(text)
            } catch {
                throw .sentence(error.description)
            }
        },
        Setting(
            "store_secondary_url", .store, "URL", standard: "none",
            "a second store, of any kind but memory:, which has every save too and takes over when the first is away"
        ) { settings, text throws(SettingFault) in
            do throws(StoreAddressError) {
                settings.secondaryURL = try StoreAddress(text)
            } catch {
                throw .sentence(error.description)
            }
        },
        Setting(
            "store_replication", .store, "sync|async", standard: "sync",
            "when a save is acknowledged by a pair: when both stores have it, or when the active one has and the other follows"
        ) { settings, text throws(SettingFault) in
            settings.pair.replication = try SettingText.word(text, of: PairSettings.Replication.self)
        },
        Setting(
            "health_check_seconds", .store, "SECONDS", unit: "seconds", standard: "5",
            "how often both stores of a pair are asked whether they are there"
        ) { settings, text throws(SettingFault) in
            settings.pair.healthInterval = try SettingText.seconds(text, least: 0.1)
        },
        Setting(
            "failback_delay_seconds", .store, "SECONDS", unit: "seconds", standard: "300",
            "how long the first store of a pair has to have answered again before it is made active again"
        ) { settings, text throws(SettingFault) in
            settings.pair.failbackDelay = try SettingText.seconds(text)
        },
        Setting(
            "auto_failover", .store, "true|false", standard: "true",
            "whether the second store of a pair takes over by itself"
        ) { settings, text throws(SettingFault) in
            settings.pair.failsOver = try SettingText.bool(text)
        },
        Setting(
            "auto_failover_may_lose", .store, "true|false", standard: "false",
            "whether it does so with async replication too, and may lose what was not copied yet"
        ) { settings, text throws(SettingFault) in
            settings.pair.mayLose = try SettingText.bool(text)
        },
        Setting(
            "store_table_prefix", .store, "PREFIX", standard: "penstock_",
            "in front of the names of the store's SQL tables; llmfy_ shares llmfy's"
        ) { settings, text throws(SettingFault) in
            settings.store.tablePrefix = try SettingText.tablePrefix(text)
        },
        Setting(
            "store_key_prefix", .store, "PREFIX", standard: "penstock:checkpoint:",
            "in front of the store's keys in Redis; llmfy_checkpoint: shares llmfy's; in a cluster it holds a hash tag: "
                + "{penstock}:checkpoint:"
        ) { settings, text throws(SettingFault) in
            settings.store.keyPrefix = try SettingText.keyPrefix(text)
        },
        Setting(
            "store_ttl_seconds", .store, "SECONDS", unit: "seconds", standard: "none",
            "how long after its last save a session is kept, in a Redis store, with all that belongs to it"
        ) { settings, text throws(SettingFault) in
            settings.store.life = try SettingText.seconds(text, least: 1)
        },
        Setting(
            "store_compress_bytes", .store, "BYTES", unit: "bytes", standard: "none",
            "states of at least so many bytes are kept compressed (zstd), for Penstock alone to read"
        ) { settings, text throws(SettingFault) in
            settings.store.compressedFrom = try SettingText.integer(text, in: 0...(1 << 30))
        },
        Setting(
            "retention_checkpoints", .store, "N", unit: "checkpoints", standard: "1000",
            "how many of a session's last checkpoints are kept; 0 or none keeps all"
        ) { settings, text throws(SettingFault) in
            settings.pool.retention.checkpoints = try SettingText.limit(text)
        },
        Setting(
            "retention_days", .store, "DAYS", unit: "days", standard: "180",
            "how long checkpoints are kept; 0 or none keeps all; a session that is under way keeps its last"
        ) { settings, text throws(SettingFault) in
            settings.pool.retention.age = try SettingText.days(text)
        },
        Setting(
            "sqlite_synchronous", .store, "full|normal", standard: "full",
            "full survives a power cut; normal may lose the last saves in one, and is faster"
        ) { settings, text throws(SettingFault) in
            settings.store.synchronous = try SettingText.word(text, of: SQLiteOptions.Synchronous.self)
        },
    ]

    private static let workSettings: [Setting] = [
        Setting(
            "queues", .work, "A,B", standard: "default",
            "the queues to serve, in strict order: a job is taken from the first that has one; or with weights (a=3,b=1), each "
                + "that often first"
        ) { settings, text throws(SettingFault) in settings.pool.queues = try SettingText.queues(text) },
        Setting(
            "slots", .work, "N", unit: "jobs", standard: "16", "how many jobs run side by side"
        ) { settings, text throws(SettingFault) in
            settings.pool.slots = try SettingText.integer(text, in: 1...10_000)
        },
        Setting(
            "flows", .work, "DIR", standard: "none", "the folder with the declared flows (*.json)"
        ) { settings, text throws(SettingFault) in
            guard !text.isEmpty else { throw .expected("a folder") }
            settings.flows = text
        },
        Setting(
            "cron", .work, "FILE", standard: "none",
            "the file with the cron entries that the worker brings along (see Config/README.md)"
        ) { settings, text throws(SettingFault) in
            guard !text.isEmpty else { throw .expected("a file") }
            settings.cron = text
        },
        Setting(
            "burst", .work, nil, standard: "false", "leave when there is nothing left to do now"
        ) { settings, text throws(SettingFault) in settings.pool.isBurst = try SettingText.bool(text) },
        Setting(
            "events", .work, "watched|all|off", standard: "watched",
            "of which sessions workers tell what happens, as a stream in Redis: those that penstock session watch looks at, or all"
        ) { settings, text throws(SettingFault) in
            settings.pool.events = try SettingText.word(text, of: EventMode.self)
        },
        Setting(
            "grace_seconds", .work, "SECONDS", unit: "seconds", standard: "25",
            "how long a drain lets the running nodes go on before it cancels them"
        ) { settings, text throws(SettingFault) in settings.pool.grace = try SettingText.seconds(text) },
        Setting(
            "unknown_flow_seconds", .work, "SECONDS", unit: "seconds", standard: "86400",
            "how long a job whose flow no worker knows is kept for one that does, before it is buried"
        ) { settings, text throws(SettingFault) in
            settings.pool.unknownFlowPatience = try SettingText.seconds(text)
        },
    ]

    private static let limitSettings: [Setting] = [
        Setting(
            "max_message_bytes", .limits, "BYTES", unit: "bytes", standard: "1048576",
            "larger messages are buried unread"
        ) { settings, text throws(SettingFault) in
            settings.pool.queue.maxMessageBytes = try SettingText.integer(text, in: 64...(256 << 20))
        },
        Setting(
            "max_result_bytes", .limits, "BYTES", unit: "bytes", standard: "65536",
            "larger results stay in the store alone; whoever waits is told so"
        ) { settings, text throws(SettingFault) in
            settings.pool.queue.maxResultBytes = try SettingText.integer(text, in: 0...(64 << 20))
        },
        Setting(
            "result_seconds", .limits, "SECONDS", unit: "seconds", standard: "604800",
            "how long the record of a job that ended is kept: so long its id is not run again"
        ) { settings, text throws(SettingFault) in
            settings.pool.queue.recordLife = try SettingText.seconds(text, least: 1)
        },
        Setting(
            "max_dead", .limits, "N", unit: "jobs", standard: "10000",
            "how many buried jobs are kept; beyond it the oldest go"
        ) { settings, text throws(SettingFault) in
            settings.pool.queue.maxDead = try SettingText.integer(text, in: 1...10_000_000)
        },
        Setting(
            "dead_seconds", .limits, "SECONDS", unit: "seconds", standard: "15552000",
            "how long buried jobs are kept"
        ) { settings, text throws(SettingFault) in
            settings.pool.queue.deadLife = try SettingText.seconds(text, least: 1)
        },
    ]

    private static let logSettings: [Setting] = [
        Setting(
            "log_level", .log, "LEVEL", standard: "info",
            "what is written at least: debug, info, warning or error"
        ) { settings, text throws(SettingFault) in
            settings.logLevel = try SettingText.word(text, of: Log.Level.self)
        },
        Setting(
            "log_format", .log, "FORMAT", standard: "auto",
            "text, json, or auto: text on a terminal and JSON otherwise"
        ) { settings, text throws(SettingFault) in
            settings.logForm = try SettingText.word(text, of: Settings.LogForm.self)
        },
    ]
}

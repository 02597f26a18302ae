import Penstock
import PenstockModel
import PenstockPool
import PenstockQueue
import PenstockRedis
import Testing

@Suite("Settings")
struct SettingsTests {
    private func read(
        flags: [String: String] = [:], environment: [String: String] = [:], file: String? = nil
    ) throws(SettingsError) -> Settings {
        var environment = environment
        if file != nil { environment["PENSTOCK_CONFIG"] = "settings.json" }
        return try Settings(flags: flags, environment: environment) { path throws(SettingFileError) in
            guard let file, path == "settings.json" else { throw SettingFileError("no such file") }
            return Array(file.utf8)
        }
    }

    private func faults(
        flags: [String: String] = [:], environment: [String: String] = [:], file: String? = nil
    ) -> [String] {
        do {
            _ = try read(flags: flags, environment: environment, file: file)
            return []
        } catch {
            return error.faults
        }
    }

    @Test
    func `a flag goes before the environment, the environment before the file, the file before the default`()
        throws
    {
        let file = #"{"slots": 2, "prefix": "file:", "queues": ["a", "b"], "burst": true}"#
        let environment = ["PENSTOCK_SLOTS": "3", "PENSTOCK_PREFIX": "environment:"]
        let settings = try read(flags: ["slots": "4"], environment: environment, file: file)
        #expect(settings.pool.slots == 4)
        #expect(settings.prefix == "environment:")
        #expect(settings.pool.queues == ["a", "b"])
        #expect(settings.pool.isBurst)
        #expect(settings.pool.grace == .seconds(25))
    }

    @Test func `the default of every setting is what its text says`() throws {
        let worded = [
            "store_url", "store_secondary_url", "store_ttl_seconds", "store_compress_bytes", "flows", "cron",
        ]
        let untouched = Settings()
        for setting in Setting.all where !worded.contains(setting.key) {
            var settings = Settings()
            try setting.set(&settings, setting.standard)
            #expect("\(settings)" == "\(untouched)", "\(setting.key)")
        }
    }

    @Test func `the store is that same Redis unless one is set`() throws {
        let url = "redis://queue.example:7000/3"
        #expect(try read(flags: ["redis-url": url]).storeAddress == .redis(try RedisAddress(url)))
        let other = try read(flags: ["redis-url": url, "store-url": "sqlite:penstock.db"])
        #expect(other.storeAddress == .sqlite(path: "penstock.db"))
        #expect(try read(flags: ["redis-url": url]).traces != nil && other.traces == nil)
        let pair = try read(flags: ["redis-url": url, "store-secondary-url": "sqlite:penstock.db"])
        #expect(pair.storeAddress == .redis(try RedisAddress(url)) && pair.traces == nil)
    }

    @Test func `in a cluster the prefix has a hash tag, and without one the start is refused`() throws {
        let url = "redis+cluster://a:7000,b:7001"
        #expect(
            faults(flags: ["redis-url": url]) == [
                "prefix: In a cluster all keys have to be in one slot, so their prefix has to hold a hash tag, as in "
                    + "{penstock}:, and \"penstock:\" holds none."
            ])
        let settings = try read(flags: ["redis-url": url, "prefix": "{foo}:"])
        #expect(settings.redis == (try RedisAddress(url).serving(prefix: "{foo}:")))
        #expect(faults(flags: ["redis-url": "redis+sentinel://a/m"]).isEmpty)
    }

    @Test func `in a cluster the store's keys have a hash tag, and without one it is not opened`()
        async throws
    {
        let store = try StoreAddress("redis+cluster://a:7000")
        let error = await #expect(throws: CheckpointerError.self) {
            try await store.open(with: StoreSettings(), queue: QueueSettings())
        }
        guard case .refused(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(
            reason.hasPrefix("store_key_prefix: In a cluster") && reason.contains("\"penstock:checkpoint:\""))
        var settings = StoreSettings()
        settings.keyPrefix = "{penstock}:checkpoint:"
        let opened = try await store.open(with: settings, queue: QueueSettings())
        await opened.close()
    }

    @Test func `an unknown key of the file is refused with the nearest one`() {
        #expect(
            faults(file: #"{"slot": 3}"#)
                == [#"settings.json: the key "slot" is unknown; did you mean "slots"?"#])
    }

    @Test func `an unknown variable is refused with the nearest one`() {
        #expect(
            faults(environment: ["PENSTOCK_QUEUE": "a"])
                == [#"the variable PENSTOCK_QUEUE is unknown; did you mean "PENSTOCK_QUEUES"?"#])
    }

    @Test func `all that is wrong is told at once`() {
        let found = faults(
            flags: ["slots": "0"],
            environment: ["PENSTOCK_LOG_LEVEL": "loud", "PENSTOCK_GRACE_SECONDS": "-1"],
            file: #"{"max_dead": "many", "flows": null}"#)
        #expect(
            found == [
                #"settings.json: "max_dead" is a whole number from 1 to 10000000, not "many""#,
                #"settings.json: "flows" is a text, not null"#,
                #"PENSTOCK_GRACE_SECONDS is a number of seconds from 0 to 315360000, not "-1""#,
                #"PENSTOCK_LOG_LEVEL is debug, info, warning or error, not "loud""#,
                #"--slots is a whole number from 1 to 10000, not "0""#,
            ])
    }

    @Test(arguments: [
        (#"{"slots": null}"#, #""slots" is a whole number from 1 to 10000, not null"#),
        (#"{"slots": [4]}"#, #""slots" is a whole number from 1 to 10000, not [4]"#),
        (
            #"{"queues": [1]}"#,
            #""queues": names of queues with commas between them; a queue name is 1 to 100"#
        ),
    ])
    func `a value of another kind is refused with what is expected`(_ file: String, _ sentence: String) {
        let found = faults(file: file)
        #expect(found.count == 1 && found[0].hasPrefix("settings.json: " + sentence), "\(found)")
    }

    @Test func `a word is suggested behind the one that came`() {
        #expect(
            faults(environment: ["PENSTOCK_SQLITE_SYNCHRONOUS": "FULL"])
                == [#"PENSTOCK_SQLITE_SYNCHRONOUS is full or normal, not "FULL"; did you mean "full"?"#])
    }

    @Test(arguments: ["0", "none"])
    func `retention is taken away by 0 and by none`(_ nothing: String) throws {
        let settings = try read(
            environment: ["PENSTOCK_RETENTION_CHECKPOINTS": nothing],
            file: #"{"retention_days": "\#(nothing)"}"#)
        #expect(settings.pool.retention == RetentionRule())
        let some = try read(flags: ["retention-checkpoints": "5", "retention-days": "0.5"])
        #expect(some.pool.retention == RetentionRule(checkpoints: 5, age: .seconds(43_200)))
        #expect(
            faults(flags: ["retention-checkpoints": "-1", "retention-days": "soon"]) == [
                #"--retention-checkpoints is a whole number from 1, 0 or none, not "-1""#,
                #"--retention-days is a number of days up to 3650, 0 or none, not "soon""#,
            ])
    }

    @Test func `a key that stands twice in the file is refused`() {
        #expect(faults(file: #"{"slots": 3, "slots": 4}"#).count == 1)
    }

    @Test func `a file that cannot be read is told with its path`() {
        #expect(
            faults(flags: ["config": "missing.json"])
                == ["the settings in missing.json cannot be read: no such file"])
    }

    @Test(arguments: ["redis://:geheim@host:port", "rediss://:geheim@host"])
    func `a password is never repeated`(_ url: String) {
        let found = faults(flags: ["redis-url": url, "store-url": url])
        #expect(found.count == 2)
        #expect(!found.joined().contains("geheim"))
    }

    @Test func `empty variables and those of the tests are passed over`() throws {
        let environment = ["PENSTOCK_SLOTS": "", "PENSTOCK_TEST_REDIS_URL": "redis://x", "HOME": "/root"]
        #expect(try read(environment: environment).pool.slots == 16)
    }

    @Test func `what a node's program finds in its environment is no setting`() throws {
        let environment = ["PENSTOCK_JOB_ID": "7", "PENSTOCK_FLOW": "greet", "PENSTOCK_STEP": "1"]
        #expect(faults(environment: environment).isEmpty)
        #expect(faults(environment: ["PENSTOCK_FLOW": "greet"]).count == 1)
    }

    @Test(arguments: ["a,,b", "a,a", "a b", ""])
    func `queues are names with commas between them, each once`(_ text: String) {
        #expect(faults(flags: ["queues": text]).count == 1)
    }

    @Test func `names of queues may have spaces around them`() throws {
        #expect(try read(flags: ["queues": "a, b"]).pool.queues == ["a", "b"])
    }
}

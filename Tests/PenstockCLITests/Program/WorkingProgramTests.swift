import Glibc
import PenstockJSON
import PenstockRedis
import PenstockTesting
import Testing

/// The program from end to end: jobs in, flows run, results out.
@Suite("The program", .timeLimit(.minutes(2)))
struct WorkingProgramTests {
    private let program: PenstockProgram

    init() async throws {
        program = try PenstockProgram(with: try await TestRedis.shared)
        try program.write(
            """
            {"flow": "greet", "version": 1, "reducers": {"log": "append"},
             "nodes": {"one": {"set": {"log": ["one"]}}, "two": {"set": {"log": ["two"]}}},
             "edges": [["START", "one"], ["one", "two"], ["two", "END"]]}
            """, to: "flows/greet.json")
        try program.write(
            """
            {"flow": "break", "version": 1, "nodes": {"fail": {"run": ["sh", "-c", "echo no use >&2; exit 65"]}},
             "edges": [["START", "fail"], ["fail", "END"]]}
            """, to: "flows/break.json")
    }

    @Test func `a session is watched until its job has ended, and a program tells how far it is`()
        async throws
    {
        try program.write(
            """
            {"flow": "tell", "version": 1, "nodes": {"scan": {"run": ["sh", "-c",
              "echo 'penstock:progress 0.5 pages scanned' >&2; echo plain >&2"]}},
             "edges": [["START", "scan"], ["scan", "END"]]}
            """, to: "flows/tell.json")
        async let watched = program.run("session", "watch", "s", "--until-end", "--json")
        let client = RedisClient(try await TestRedis.shared.address)
        while try await client.send(RedisCommand("ZSCORE", program.prefix + "watched", "s")).isNull {
            try await Task.sleep(for: .milliseconds(5))
        }
        _ = try await program.run("enqueue", "tell", "--id", "1", "--session", "s")
        let worker = try await program.run("work", "--flows", "flows", "--burst", "--events", "all")
        #expect(worker.errors.contains("plain") && !worker.errors.contains("penstock:progress"))
        let ended = try await watched
        #expect(ended.code == 0, "\(ended.errors)")
        let events = ended.output.split(separator: "\n").compactMap { try? JSON(parsing: String($0)) }
        let progress = events.first { $0["event"] == "progress" }
        #expect(progress?["fraction"] == 0.5 && progress?["text"] == "pages scanned")
        #expect(events.last?["event"] == "job_ended" && events.last?["status"] == "done")
    }

    private func work() async throws -> PenstockProgram.Ended {
        try await program.run("work", "--flows", "flows", "--burst", "--slots", "4")
    }

    @Test func `a burst runs what there is and leaves`() async throws {
        _ = try await program.run(
            "enqueue", "greet", "--id", "1", "--session", "s", "--input", #"{"name":"Ada"}"#)
        _ = try await program.run(
            "enqueue", "greet", "--id", "2", "--session", "s", "--metadata", #"{"by":"me"}"#)
        let ended = try await work()
        #expect(ended.code == 0, "\(ended.errors)")

        let job = try await program.run("job", "show", "2", "--json").json
        #expect(job?["status"] == "done")
        #expect(job?["result"] == ["name": "Ada", "log": ["one", "two", "one", "two"]])

        let state = try await program.run("session", "state", "s").json
        #expect(state == job?["result"])
        #expect(try await program.run("session", "state", "s", "--step", "1").json?["log"] == ["one"])

        let session = try await program.run("session", "show", "s", "--json").json
        #expect(session?["status"] == "done")
        #expect(session?["flow"] == "greet")
        #expect(session?["head"] == 4)
        #expect(session?["path"] == ["one", "two", "one", "two"])
        #expect(session?["metadata"] == ["by": "me"])

        let history =
            try await program.run("session", "history", "s", "--json", "--limit", "3").json?.array ?? []
        #expect(history.map { $0["step"]?.int } == [4, 3, 2])
        #expect(history.map { $0["node_name"]?.string } == ["two", "one", "two"])
        #expect(history.map { $0["job_id"]?.string } == ["2", "2", "1"])
        #expect(history.first?["next"] == ["__end__"])
        #expect(history.first?["state"] == state)
        let keys = [
            "checkpoint_id", "session_id", "timestamp", "node_name", "step", "state", "next", "epoch",
            "job_id", "run", "metadata",
        ]
        #expect(history.first?.object?.keys == keys)
        let older = try await program.run("session", "history", "s", "--json", "--before", "2").json?.array
        #expect(older?.map { $0["step"]?.int } == [1])

        let listed = try await program.run("session", "list", "--json").json?[0]
        for key in [
            "session_id", "flow", "version", "status", "head", "created_at", "updated_at", "checkpoints",
            "bytes", "metadata",
        ] { #expect(listed?[key] != nil, "\(key)") }

        #expect(try await program.run("session", "reset", "s").code == 0)
        #expect(try await program.run("session", "history", "s", "--json").json == [])
    }

    @Test func `a job that is waited for prints its result, or fails with its error`() async throws {
        async let good = program.run("enqueue", "greet", "--wait", "60")
        async let bad = program.run("enqueue", "break", "--wait", "60", "--id", "b")
        async let worker = program.run("work", "--flows", "flows")
        #expect(try await good.json == ["log": ["one", "two"]])
        let failed = try await bad
        #expect(failed.code == 1)
        #expect(failed.errors.contains("penstock: job b ended dead"), "\(failed.errors)")
        #expect(failed.errors.contains("no use"))

        let known = try await program.run("worker", "list", "--json").json?[0]
        #expect(known?["flows"] == ["break", "greet"])
        let pid = try #require(known?["pid"]?.int)
        kill(Int32(pid), SIGHUP)
        let left = try await worker
        #expect(left.code == 0, "\(left.errors)")
        #expect(try await program.run("worker", "list", "--json").json == [])
        #expect(try await program.run("dead", "list", "--json").json?[0]?["reason"] == "failed")
    }

    @Test func `a worker with faulty flows ends with 2 and names them all`() async throws {
        try program.write(#"{"flow": "bad", "version": 0, "nodes": {}, "edges": []}"#, to: "flows/bad.json")
        try program.write("{", to: "flows/worse.json")
        let ended = try await work()
        #expect(ended.code == 2)
        #expect(ended.errors.contains("flows/bad.json") && ended.errors.contains("flows/worse.json"))
        let checked = try await program.run("flow", "check", "flows")
        #expect(checked.code == 1)
        #expect(checked.output.contains("flows/bad.json") && checked.output.contains("flows/worse.json"))
    }

    @Test func `flows are checked, listed and drawn`() async throws {
        #expect(try await program.run("flow", "check", "flows").output == "2 flows, nothing wrong\n")
        #expect(try await program.run("flow", "list", "flows", "--json").json?.array?.count == 2)
        #expect(try await program.run("flow", "show", "greet", "flows", "--json").json?["version"] == 1)
        #expect(
            try await program.run("flow", "show", "greet", "flows", "--mermaid").output.hasPrefix("graph TD"))
        let missing = try await program.run("flow", "show", "gret", "flows")
        #expect(missing.code == 1)
        #expect(missing.errors.contains(#"did you mean "greet"?"#))
    }

    @Test func `whoever stops reading is not told of it`() async throws {
        let ended = try await program.bash("penstock work --help | head -n 1; echo ${PIPESTATUS[0]}")
        #expect(ended.output.hasSuffix("\n0\n"))
        #expect(ended.errors.isEmpty)
    }

    @Test func `input is taken from a file and from standard input`() async throws {
        try program.write(#"{"from":"file"}"#, to: "input.json")
        _ = try await program.run("enqueue", "greet", "--id", "1", "--input", "@input.json")
        _ = try await program.bash(#"echo '{"from":"pipe"}' | penstock enqueue greet --id 2 --input -"#)
        _ = try await work()
        #expect(try await program.run("job", "show", "1", "--json").json?["result"]?["from"] == "file")
        #expect(try await program.run("job", "show", "2", "--json").json?["result"]?["from"] == "pipe")
    }

    @Test func `bash completes commands and flags`() async throws {
        let line = """
            source <(penstock completion bash)
            complete_line() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _penstock; echo "${COMPREPLY[*]}"; }
            complete_line penstock sess
            complete_line penstock session his
            complete_line penstock session history --lim
            complete_line penstock work --slo
            """
        #expect(try await program.bash(line).output == "session\nhistory\n--limit\n--slots\n")
    }

    @Test func `a worker brings the cron entries of its file along`() async throws {
        try program.write(#"{"nightly": {"cron": "30 2 * * *", "flow": "greet"}}"#, to: "cron.json")
        let ended = try await program.run("work", "--flows", "flows", "--cron", "cron.json", "--burst")
        #expect(ended.code == 0, "\(ended.errors)")
        #expect(ended.errors.contains("cron entries applied"))
        let entry = try await program.run("cron", "show", "nightly", "--json").json
        #expect(entry?["origin"] == "file:\(program.folder)/cron.json")
        #expect(entry?["cron"] == "30 2 * * *")

        try program.write(#"{"nightly": {"cron": "30 25 * * *", "flow": "greet"}, "b": 5}"#, to: "cron.json")
        let refused = try await program.run("work", "--flows", "flows", "--cron", "cron.json", "--burst")
        #expect(refused.code == 2)
        #expect(refused.errors.contains("the hour is a number from 0 to 23"))
        #expect(refused.errors.contains("an entry is a JSON object"))
        let none = try await program.run("work", "--flows", "flows", "--cron", "none.json", "--burst")
        #expect(none.code == 2)
    }
}

import Foundation
import Glibc
import PenstockCheckpointers
import PenstockEngine
import PenstockJSON
import PenstockModel
import Testing

@testable import PenstockDeclared

@Suite(.timeLimit(.minutes(1)))
struct RunNodeTests {
    private let shop: Workshop

    init() throws { shop = try Workshop() }

    // MARK: State in, update out

    @Test func `the state goes in and an update comes out`() async throws {
        try shop.write(
            "double.py", "import json, sys; print(json.dumps({'twice': json.load(sys.stdin)['n'] * 2}))")
        let engine = try shop.engine(running: "exec python3 double.py")
        #expect(try await engine.run(["n": 21]) == ["n": 21, "twice": 42])
    }

    @Test(arguments: ["true", "echo", "printf ' \\n\\t '", "echo null", "echo '{}'"])
    func `what prints nothing, null or an empty object changes nothing`(script: String) async throws {
        let engine = try shop.engine(running: script)
        #expect(try await engine.run(["a": 1]) == ["a": 1])
    }

    @Test func `an update of five megabytes is taken`() async throws {
        let engine = try shop.engine(running: #"python3 -c 'print("{\"big\": \"" + "x" * 5000000 + "\"}")'"#)
        #expect(try await engine.run()["big"]?.string?.utf8.count == 5_000_000)
    }

    @Test func `a program need not read the five megabytes of its input`() async throws {
        let engine = try shop.engine(running: #"echo '{"ok": true}'"#)
        let state = try await engine.run(["big": .string(String(repeating: "x", count: 5_000_000))])
        #expect(state["ok"] == true)
    }

    @Test(arguments: [
        (#"printf '{"a": '"#, #"the program printed no JSON: expected a value, found the end"#),
        ("echo hello", #"the program printed no JSON: expected a value, found 'h'"#),
        (
            "printf 'not\\nthis\\n\\n'",
            "the program printed no JSON: expected a value, found 'n' at line 1, column 1 (byte 0); "
                + #"it began with "not\nthis""#
        ),
        (#"echo '{"a": 1}{"b": 2}'"#, "the program printed no JSON: "),
        ("echo '[1, 2]'", #"the program printed an array; an update is an object: "[1, 2]"#),
        ("echo 5", "the program printed an integer; an update is an object"),
    ])
    func `what is no update fails the attempt, and it may be tried again`(
        script: String, sentence: String
    ) async throws {
        let failure = try await shop.engine(running: script).failure()
        #expect(failure.message.hasPrefix(sentence), "\(failure.message)")
        #expect(!failure.isPermanent)
        #expect(failure.node == "work")
    }

    // MARK: The environment

    @Test func `the environment says where the program runs, and holds none of the worker's settings`() async
    {
        await #expect(processExitsWith: .success) {
            setenv("PENSTOCK_STORE_URL", "postgres://secret", 1)
            setenv("PENSTOCK_NODE", "not this one", 1)
            setenv("NOTIFY_SOCKET", "/run/notify", 1)
            setenv("TRACEPARENT", "the worker's", 1)
            setenv("ORDER_LEDGER", "/tmp/ledger", 1)
            let shop = try Workshop()
            _ = try shop.engine(
                running: #"""
                    python3 -c 'import json, os; print(json.dumps({k: v for k, v in os.environ.items()
                        if k.startswith("PENSTOCK") or k in ("NOTIFY_SOCKET", "TRACEPARENT", "ORDER_LEDGER")}))'
                    """#)
            let runner = try shop.flow().runner
            let store = MemoryCheckpointer()
            func environment(_ job: JobID, traceparent: String?) async throws -> JSON? {
                let order = RunOrder(
                    job: job, session: "s-1", attempt: 3, failures: 2, traceparent: traceparent, worker: "w")
                let opened = try await store.open("s-1", for: job, as: "w:\(job)")
                let writer = runner.writer(to: store, opened: opened, order: order, patience: nil)
                guard case .finished(let bytes) = await runner.run(order, in: opened, writer: writer) else {
                    return nil
                }
                return try JSON(parsing: bytes)
            }
            let first: JSON = [
                "ORDER_LEDGER": "/tmp/ledger", "PENSTOCK_ATTEMPT": "3", "PENSTOCK_FLOW": "sample",
                "PENSTOCK_IDEMPOTENCY_KEY": "j-1:1", "PENSTOCK_JOB_ID": "j-1", "PENSTOCK_NODE": "work",
                "PENSTOCK_SESSION_ID": "s-1", "PENSTOCK_STEP": "1",
            ]
            guard try await environment("j-1", traceparent: nil) == first else { exit(1) }
            let second = try await environment("j-2", traceparent: "00-ab-cd-01")
            guard second?["TRACEPARENT"] == "00-ab-cd-01", second?["PENSTOCK_STEP"] == "2",
                second?["PENSTOCK_IDEMPOTENCY_KEY"] == "j-2:1"
            else { exit(2) }
        }
    }

    @Test func `it runs in the file's folder`() async throws {
        let engine = try shop.engine(running: #"printf '{"at": "%s"}' "$PWD""#)
        #expect(try await engine.run() == ["at": JSON(shop.path)])
    }

    // MARK: The end of the program

    @Test(arguments: [
        (
            "echo one >&2; echo two >&2; exit 75",
            "the program asks to be tried again (exit code 75): one | two", false
        ),
        ("echo the card was declined >&2; exit 65", "the card was declined", true),
        ("exit 65", "the program failed for good (exit code 65)", true),
        ("echo oh no >&2; exit 1", "the program ended with exit code 1: oh no", false),
        ("exit 127", "the program ended with exit code 127", false),
        ("kill -9 $$", "the program ended with signal 9", false),
        (
            "for i in 1 2 3 4 5 6 7 8; do echo $i >&2; done; exit 2",
            "the program ended with exit code 2: 4 | 5 | 6 | 7 | 8", false
        ),
        (
            "echo oh no >&2; for i in 1 2 3 4 5; do echo penstock:progress 0.$i step $i >&2; done; exit 3",
            "the program ended with exit code 3: oh no", false
        ),
        (#"echo '{"a": 1}'; echo late >&2; exit 3"#, "the program ended with exit code 3: late", false),
    ])
    func `the exit says how it went, and the last lines of standard error why`(
        script: String, message: String, isPermanent: Bool
    ) async throws {
        let failure = try await shop.engine(running: script).failure()
        #expect(failure.message == message)
        #expect(failure.isPermanent == isPermanent)
    }

    @Test func `ten megabytes of errors are no more than a few lines of the error`() async throws {
        let pages = Pages()
        let engine = try shop.engine(
            running: #"""
                python3 -c '
                import sys
                for n in range(100000): sys.stderr.write("x" * 99 + "\n")
                sys.exit("the last line")'
                """#, log: pages.log)
        let failure = try await engine.failure()
        #expect(failure.message.hasPrefix("the program ended with exit code 1: "))
        #expect(failure.message.hasSuffix("| the last line"))
        #expect(failure.message.count < 1000)
        #expect(pages.all.count < 10_000)
    }

    @Test func `standard error goes to the log with job, session, flow, node and step`() async throws {
        let pages = Pages()
        let engine = try shop.engine(running: "echo hello >&2; echo there >&2", log: pages.log)
        _ = try await engine.run(in: "s-1")
        #expect(pages.all.map { $0["event"]?.string } == ["hello", "there"])
        let page = try #require(pages.all.first)
        #expect(page["session"] == "s-1" && page["flow"] == "sample" && page["node"] == "work")
        #expect(page["step"] == "1" && page["from"] == "stderr")
    }

    @Test func `a child that the program left behind goes with it`() async throws {
        let engine = try shop.engine(running: #"sleep 1000 > /dev/null 2>&1 & printf '{"child": %s}' $!"#)
        let child = try #require(try await engine.run()["child"]?.int)
        #expect(await isGone(pid_t(child)))
    }

    @Test func `a child that holds the program's output does not hold up the node`() async throws {
        let engine = try shop.engine(running: #"sleep 1000 & printf '{"child": %s}' $!"#)
        let child = try #require(try await engine.run()["child"]?.int)
        #expect(await isGone(pid_t(child)))
    }

    @Test func `a program that disappeared since the check fails the attempt`() async throws {
        try shop.write("tool", "#!/bin/sh\n", mode: 0o755)
        try shop.write(
            "flow.json",
            #"{"flow": "f", "nodes": {"a": {"run": ["./tool"]}}, "edges": [["START", "a"], ["a", "END"]]}"#)
        let engine = try shop.engine()
        _ = try await engine.run()
        try FileManager.default.removeItem(atPath: shop.path + "/tool")
        let failure = try await engine.failure()
        #expect(failure.message.contains("\"./tool\" was not found from \(shop.path)"))
        #expect(!failure.isPermanent)
    }

    // MARK: Tries in place

    @Test func `a node is tried again in place`() async throws {
        let engine = try shop.engine(
            running:
                #"echo "$PENSTOCK_ATTEMPT $PENSTOCK_IDEMPOTENCY_KEY" >> tries; [ $(wc -l < tries) -ge 3 ] || exit 75"#,
            ["retry": ["max_attempts": 3, "backoff_seconds": 0]])
        _ = try await engine.run()
        let tries = shop.lines(of: "tries")
        #expect(tries.count == 3 && Set(tries).count == 1)
    }

    @Test func `a failure for good is not tried again in place`() async throws {
        let engine = try shop.engine(
            running: "echo x >> tries; exit 65", ["retry": ["max_attempts": 5, "backoff_seconds": 0]])
        #expect(try await engine.failure().isPermanent)
        #expect(shop.lines(of: "tries").count == 1)
    }

    // MARK: Limits and cancelling

    @Test func `a timeout ends the program with TERM, and its last words are told`() async throws {
        let engine = try shop.engine(
            running: "trap 'echo terminated >&2; exit 0' TERM; echo $$ > pid; while :; do sleep 0.01; done",
            ["timeout_seconds": 4])
        let failure = try await engine.failure()
        #expect(
            failure.message.hasPrefix("the program ran into its timeout of 4.0 seconds and was stopped: "))
        #expect(failure.message.hasSuffix("terminated"))
        #expect(!failure.isPermanent)
        let pid = try #require(pid_t(shop.lines(of: "pid").first ?? ""))
        #expect(kill(pid, 0) == -1)
    }

    @Test func `a program that heeds no TERM is killed, and is gone before the next try starts`() async throws
    {
        let engine = try shop.engine(
            running: """
                trap '' TERM
                for earlier in $(cat programs 2> /dev/null); do
                    kill -0 $earlier 2> /dev/null && echo $earlier >> beside
                done
                sleep 1000 & echo $! >> children; echo $$ >> programs
                while :; do wait; done
                """, ["timeout_seconds": 3, "retry": ["max_attempts": 2, "backoff_seconds": 0]])
        _ = try await engine.failure()
        let pids = (shop.lines(of: "programs") + shop.lines(of: "children")).compactMap { pid_t($0) }
        #expect(pids.count == 4)
        #expect(shop.text(of: "beside") == "")
        for pid in pids { #expect(await isGone(pid)) }
    }

    @Test(arguments: [[:], ["timeout_seconds": 1000]] as [JSONObject])
    func `cancelling ends the program before the attempt ends`(more: JSONObject) async throws {
        let pages = Pages()
        let engine = try shop.engine(
            running: "trap '' TERM; echo $$ >&2; while :; do sleep 0.01; done", more, log: pages.log)
        let task = Task { try await engine.run() }
        let pid = try #require(pid_t(await pages.line()))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(kill(pid, 0) == -1)
    }

    // MARK: Many

    @Test func `two hundred at once each have their own`() async throws {
        let engine = try shop.engine(running: #"sleep 0.1; printf '{"me": "%s"}' $PENSTOCK_SESSION_ID"#)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let session = SessionID(unchecked: "s-\(number)")
                    let state = try await engine.run(in: session)
                    #expect(state == ["me": JSON(session.text)])
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `neither descriptors nor zombies are left behind, however the programs end`() async {
        await #expect(processExitsWith: .success) {
            func round() async throws {
                let shop = try Workshop()
                let engine = try shop.engine(
                    running: """
                        read state
                        case $state in
                        *0}) echo '{}';; *1}) exit 1;; *2}) kill -9 $$;; *3}) sleep 1000;; *4}) echo '[';; *) sleep 1000 & ;;
                        esac
                        """, ["timeout_seconds": 2])
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<24 {
                        group.addTask { _ = try? await engine.run(["n": JSON(number % 6)]) }
                    }
                }
            }
            try await round()
            let before = try Census.descriptors()
            for _ in 0..<2 { try await round() }
            guard try Census.descriptors() == before else { exit(1) }
            guard try Census.zombies() == 0 else { exit(2) }
        }
    }
}

import Glibc
import PenstockCheckpointers
import PenstockEngine
import PenstockJSON
import PenstockModel
import Testing

@testable import PenstockDeclared

@Suite(.timeLimit(.minutes(1)))
struct ServeNodeTests {
    private let shop: Workshop

    init() throws { shop = try Workshop() }

    private var pids: [pid_t] { shop.lines(of: "pids").compactMap { pid_t($0) } }

    // MARK: A line in, a line out

    @Test func `the line in says what, where and for whom`() async throws {
        _ = try shop.engine(serving: Server.answering(#"print(json.dumps({"seen": question}), flush=True)"#))
        let runner = try shop.flow().runner
        let store = MemoryCheckpointer()
        let order = RunOrder(
            job: "j-1", session: "s-1", attempt: 2, failures: 1, input: ["a": 1.0],
            traceparent: "00-ab-cd-01", worker: "w")
        let opened = try await store.open("s-1", for: "j-1", as: "w")
        let writer = runner.writer(to: store, opened: opened, order: order, patience: nil)
        guard case .finished(let bytes) = await runner.run(order, in: opened, writer: writer) else {
            Issue.record("not finished")
            return
        }
        let seen: JSON = [
            "state": ["a": 1.0], "flow": "sample", "node": "work", "session_id": "s-1", "job_id": "j-1",
            "step": 1,
            "attempt": 2, "idempotency_key": "j-1:1", "traceparent": "00-ab-cd-01",
        ]
        #expect(try JSON(parsing: bytes) == ["a": 1.0, "seen": seen])
    }

    @Test func `an empty line and null change nothing`() async throws {
        let engine = try shop.engine(
            serving: Server.answering(#"print("null" if state.get("null") else "", flush=True)"#))
        #expect(try await engine.run(["null": true]) == ["null": true])
        #expect(try await engine.run(["null": false]) == ["null": false])
    }

    @Test func `one program answers job after job`() async throws {
        let engine = try shop.engine(serving: Server.telling)
        for number in 0..<20 {
            let session = SessionID(unchecked: "s-\(number)")
            #expect(try await engine.run(in: session)["me"] == JSON(session.text))
        }
        #expect(pids.count == 1)
    }

    @Test func `as many run as there are jobs side by side, and no answer is another's`() async throws {
        let engine = try shop.engine(
            serving: Server.answering(
                #"time.sleep(int(question["session_id"][2:]) % 7 / 500); "#
                    + #"print(json.dumps({"me": question["session_id"]}), flush=True)"#))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<5 {
                group.addTask {
                    for number in 0..<40 {
                        let session = SessionID(unchecked: "s-\(lane * 40 + number)")
                        let state = try await engine.run(in: session)
                        #expect(state == ["me": JSON(session.text)])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect((1...5).contains(pids.count))
    }

    @Test func `two hundred at once each have their own`() async throws {
        try shop.write("serve.sh", "while read line; do printf '{\"line\": %s}\\n' \"$line\"; done")
        try shop.write(
            "flow.json",
            #"{"flow": "f", "nodes": {"a": {"serve": ["sh", "serve.sh"]}}, "edges": [["START", "a"], ["a", "END"]]}"#
        )
        let serving = try shop.engine()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let session = SessionID(unchecked: "s-\(number)")
                    let state = try await serving.run(in: session)
                    #expect(state["line"]?["session_id"] == JSON(session.text))
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `an answer of five megabytes to a question of five is taken`() async throws {
        let engine = try shop.engine(
            serving: Server.answering(#"print(json.dumps({"back": state["big"]}), flush=True)"#))
        let big = JSON(String(repeating: "x", count: 5_000_000))
        #expect(try await engine.run(["big": big])["back"] == big)
    }

    // MARK: Programs that die

    @Test func `one that dies before it answers fails the attempt, and the next job has a new one`()
        async throws
    {
        let engine = try shop.engine(
            serving: Server.answering(
                #"""
                if state.get("die"): sys.exit("I die")
                    print("{}", flush=True)
                """#))
        #expect(
            try await engine.failure(of: ["die": true]).message == "the program ended with exit code 1: I die"
        )
        _ = try await engine.run()
        _ = try await engine.run()
        #expect(pids.count == 2)
    }

    @Test func `one that dies in the middle of an answer fails the attempt`() async throws {
        let engine = try shop.engine(
            serving: Server.answering(
                #"""
                if state.get("die"): sys.stdout.write('{"half": '); sys.stdout.flush(); os.kill(os.getpid(), 9)
                    print("{}", flush=True)
                """#))
        #expect(try await engine.failure(of: ["die": true]).message == "the program ended with signal 9")
        #expect(try await engine.run(["a": 1]) == ["a": 1])
    }

    @Test func `one that leaves after each answer is started anew, and no job notices`() async throws {
        let engine = try shop.engine(serving: Server.telling + "\n    break")
        for number in 0..<20 {
            let session = SessionID(unchecked: "s-\(number)")
            #expect(try await engine.run(in: session)["me"] == JSON(session.text))
        }
        #expect(pids.count == 20)
    }

    @Test func `one that leaves when it is asked again is started anew, and that job does not notice`()
        async throws
    {
        let engine = try shop.engine(
            serving: Server.answering(
                #"""
                if os.path.exists(str(os.getpid())): sys.exit(0)
                    open(str(os.getpid()), "w")
                    print("{}", flush=True)
                """#))
        for _ in 0..<4 { _ = try await engine.run() }
        #expect(pids.count == 4)
    }

    @Test func `one that was killed while it waited is started anew`() async throws {
        let engine = try shop.engine(serving: Server.telling)
        _ = try await engine.run()
        let pid = try #require(pids.first)
        kill(pid, SIGKILL)
        #expect(await isGone(pid))
        // The engine may not have heard of it yet; then this attempt fails, and the next one must not.
        _ = try? await engine.run()
        _ = try await engine.run()
        #expect(Set(pids).count >= 2)
    }

    @Test func `one that leaves without ever having answered fails the attempt`() async throws {
        let failure = try await shop.engine(
            serving: "import sys; sys.stdin.readline(); print('bye', file=sys.stderr)"
        )
        .failure()
        #expect(failure.message == "the program ended without an answer (exit code 0): bye")
    }

    @Test func `exit 65 is for good`() async throws {
        let failure = try await shop.engine(
            serving: "import sys; sys.stdin.readline(); print('declined', file=sys.stderr); sys.exit(65)"
        ).failure()
        #expect(failure.message == "declined")
        #expect(failure.isPermanent)
    }

    @Test func `a timeout kills it, and the next job has a new one`() async throws {
        let engine = try shop.engine(
            serving: Server.answering(
                #"""
                if state.get("hang"): time.sleep(1000)
                    print("{}", flush=True)
                """#), ["timeout_seconds": 4])
        let failure = try await engine.failure(of: ["hang": true])
        #expect(failure.message == "the program ran into its timeout of 4.0 seconds and was stopped")
        #expect(await isGone(try #require(pids.first)))
        _ = try await engine.run()
        #expect(pids.count == 2)
    }

    @Test func `cancelling ends it before the attempt ends`() async throws {
        let pages = Pages()
        let engine = try shop.engine(
            serving: Server.answering(#"print(os.getpid(), file=sys.stderr, flush=True); time.sleep(1000)"#),
            log: pages.log)
        let task = Task { try await engine.run() }
        let pid = try #require(pid_t(await pages.line()))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(kill(pid, 0) == -1)
    }

    // MARK: Programs that misbehave

    @Test func `two lines for one are no answer, and the program goes`() async throws {
        let engine = try shop.engine(
            serving: Server.answering(
                #"""
                print('{"a": 1}\n{"b": 2}' if state.get("two") else "{}", flush=True)
                """#))
        let failure = try await engine.failure(of: ["two": true])
        #expect(
            failure.message
                == #"the program wrote to standard output without having been asked: "{"a": 1}\n{"b": 2}""#)
        _ = try await engine.run()
        #expect(pids.count == 2)
    }

    @Test func `one that says more once it has answered goes, and the next job has a new one`() async throws {
        let engine = try shop.engine(
            serving: Server.telling + "\n    while question['session_id'] == 's-1':"
                + "\n        if os.path.exists('more'): print('{}', flush=True); time.sleep(1000)")
        #expect(try await engine.run(in: "s-1")["me"] == "s-1")
        try shop.write("more", "")
        #expect(await isGone(try #require(pids.first)))
        #expect(try await engine.run(in: "s-2")["me"] == "s-2")
        #expect(try await engine.run(in: "s-3")["me"] == "s-3")
        #expect(pids.count == 2)
    }

    @Test func `a line that is no update fails the attempt, and the program stays`() async throws {
        let engine = try shop.engine(
            serving: Server.answering(#"print("[]" if state.get("list") else "{}", flush=True)"#))
        let failure = try await engine.failure(of: ["list": true])
        #expect(failure.message == #"the program printed an array; an update is an object: "[]""#)
        _ = try await engine.run()
        #expect(pids.count == 1)
    }
}

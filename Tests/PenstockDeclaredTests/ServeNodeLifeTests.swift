import Foundation
import PenstockEngine
import PenstockJSON
import PenstockModel
import Testing

@testable import PenstockDeclared

@Suite(.timeLimit(.minutes(1)))
struct ServeNodeLifeTests {
    private let shop: Workshop

    init() throws { shop = try Workshop() }

    private var pids: [pid_t] { shop.lines(of: "pids").compactMap { pid_t($0) } }

    @Test func `standard error is logged as the words of the job it works for`() async throws {
        let pages = Pages()
        let engine = try shop.engine(
            serving: Server.answering(
                #"print(question["session_id"], file=sys.stderr, flush=True); time.sleep(0.02); print(flush=True)"#
            ),
            log: pages.log)
        for number in 0..<5 { _ = try await engine.run(in: SessionID(unchecked: "s-\(number)")) }
        #expect(pages.all.map { $0["event"] } == (0..<5).map { JSON("s-\($0)") })
        #expect(pages.all.allSatisfy { $0["session"] == $0["event"] && $0["node"] == "work" })
        #expect(pids.count == 1)
    }

    @Test func `the programs end when the flow is let go of`() async throws {
        try await {
            let engine = try shop.engine(serving: Server.telling)
            _ = try await engine.run()
            let pid = try #require(pids.first)
            #expect(kill(pid, 0) == 0)
        }()
        #expect(await isGone(try #require(pids.first)))
    }

    @Test func `neither descriptors nor zombies are left behind`() async {
        await #expect(processExitsWith: .success) {
            func round() async throws {
                let shop = try Workshop()
                try await {
                    let engine = try shop.engine(
                        serving: Server.answering(
                            #"""
                            if state["n"] == 1: sys.exit(1)
                                if state["n"] == 2: time.sleep(1000)
                                if state["n"] == 3: os.kill(os.getpid(), 9)
                                print("{}", flush=True)
                            """#), ["timeout_seconds": 4])
                    await withTaskGroup(of: Void.self) { group in
                        for number in 0..<12 {
                            group.addTask { _ = try? await engine.run(["n": JSON(number % 4)]) }
                        }
                    }
                }()
                for pid in shop.lines(of: "pids").compactMap({ pid_t($0) }) {
                    guard await isGone(pid) else { exit(3) }
                }
                // Whatever the loop had to do for them, it did before this.
                _ = try await shop.engine(running: "true").run()
            }
            try await round()
            let before = try Census.descriptors()
            try await round()
            guard try Census.descriptors() == before else { exit(1) }
            guard try Census.zombies() == 0 else { exit(2) }
        }
    }

    @Test func `the programs end with the worker`() async throws {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            let shop = try Workshop()
            let engine = try shop.engine(serving: Server.telling)
            let pid = try await engine.run()["pid"]?.int ?? 0
            try FileManager.default.removeItem(atPath: shop.path)
            print("pid \(pid)")
            fflush(nil)
            exit(0)
        }
        let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
        let line = try #require(output.split(separator: "\n").first { $0.hasPrefix("pid ") })
        let pid = try #require(pid_t(line.dropFirst(4)))
        #expect(await isGone(pid))
    }
}

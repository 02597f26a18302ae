import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPlatform
import PenstockPool
import PenstockQueue
import PenstockRedis
import Testing

/// The same numbers for the same seed (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Spoils job messages, in as many ways as producers do.
struct Spoiler {
    private var numbers: SeededNumbers

    init(seed: UInt64) { numbers = SeededNumbers(seed: seed) }

    private static let values = [
        "null", "true", "7", "-1", "1.5", "1e308", "1e400", "NaN", "Infinity", "0x10", "012",
        "123456789012345678901234567890", "\"\"", "\"a b\"", "\"ü\"", "\"\\u0000\"", "\"\\ud800\"", "[]",
        "{}",
        "[[[[]]]]", "\"2026-13-45T99:99:99Z\"", "\"s\"", "{\"a\":1,\"a\":2}",
    ]
    private static let keys = [
        "flow", "id", "session_id", "input", "max_attempts", "timeout_seconds", "metadata", "v", "x",
        "\\u0069d",
        "ID", "", "unique_key", "on_busy",
    ]

    mutating func message(_ index: Int) -> [UInt8] {
        let whole =
            #"{"flow":"line","id":"m\#(index)","session_id":"s\#(index % 20)","input":{"log":["é"]},"metadata":{"n":1}}"#
        var bytes = Array(whole.utf8)
        switch index % 10 {
        case 0: bytes.removeLast(Int.random(in: 1...bytes.count, using: &numbers))
        case 1:
            for _ in 0...Int.random(in: 0...3, using: &numbers) {
                bytes[Int.random(in: bytes.indices, using: &numbers)] ^=
                    1 << UInt8.random(in: 0...7, using: &numbers)
            }
        case 2, 3: bytes = Array(added(to: whole, atEnd: index.isMultiple(of: 2)).utf8)
        case 4: bytes = Array(replaced(index).utf8)
        case 5: bytes = Array(nested(Int.random(in: 1...3000, using: &numbers), index).utf8)
        case 6:
            let junk = (0..<8).map { _ in UInt8.random(in: 0...255, using: &numbers) }
            bytes.insert(contentsOf: junk, at: Int.random(in: 0...bytes.count, using: &numbers))
        case 7:
            let from = Int.random(in: bytes.indices, using: &numbers)
            bytes.removeSubrange(from..<min(bytes.count, from + Int.random(in: 1...9, using: &numbers)))
        case 8:
            // Ten megabytes, now and then; else only some kilobytes.
            let size = index % 500 == 8 ? 10 << 20 : Int.random(in: 1...5000, using: &numbers)
            bytes =
                Array(#"{"flow":"line","metadata":{"pad":""#.utf8)
                + Array(repeating: UInt8(ascii: "x"), count: size)
                + Array(#""}}"#.utf8)
        default: break
        }
        return bytes
    }

    private mutating func value() -> String { Self.values.randomElement(using: &numbers) ?? "" }
    private mutating func key() -> String { Self.keys.randomElement(using: &numbers) ?? "" }

    /// One more key, which may stand there already.
    private mutating func added(to message: String, atEnd: Bool) -> String {
        let pair = "\"\(key())\":\(value())"
        return atEnd ? "\(message.dropLast()),\(pair)}" : "{\(pair),\(message.dropFirst())"
    }

    private mutating func replaced(_ index: Int) -> String {
        var pairs = ["flow": "\"line\"", "id": "\"m\(index)\"", "input": "{}", "max_attempts": "1"]
        pairs[key()] = value()
        return "{"
            + pairs.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
            + "}"
    }

    private func nested(_ depth: Int, _ index: Int) -> String {
        let open = String(repeating: "[", count: depth)
        let close = String(repeating: "]", count: depth)
        return #"{"flow":"line","id":"m\#(index)","metadata":{"deep":\#(open)\#(close)}}"#
    }
}

@Suite struct MutationTests {
    /// In a process of its own, whose memory no other test fills.
    @Test(arguments: [1, 2] as [UInt64])
    func `of a thousand spoiled messages each is run or buried byte for byte`(_ seed: UInt64) async throws {
        await #expect(processExitsWith: .success) { [seed = seed as UInt64] in
            let bench = try await TestBench.make()
            let sessions = Ledger()
            let flow = line(nodes: ["a"]) { context in
                sessions.note("\(context.job) \(context.session?.text ?? "")")
            }
            var spoiler = Spoiler(seed: seed)
            let messages = (0..<1000).map { spoiler.message($0) }
            let before = ProcessFacts.residentBytes
            for message in messages {
                _ = try await bench.client.send(RedisCommand("LPUSH", bench.keys.queue("default"), message))
            }
            let pool = try await bench.start([flow]) { settings in
                settings.unknownFlowDelay = .milliseconds(1)
                settings.unknownFlowPatience = .milliseconds(1)
            }
            try await bench.until("nothing is left") { try await bench.unfinished() == 0 }
            await pool.drain()
            // Those of ten megabytes pass through the server, the worker and this test several times.
            #expect(ProcessFacts.residentBytes - before < 200 << 20)

            var buried: [[UInt8]: Int] = [:]
            for name in try await bench.deadNames() {
                let reply = try await bench.client.send(
                    RedisCommand("HGET", bench.keys.dead(name), "message"))
                buried[try #require(reply.asBytes), default: 0] += 1
            }
            let ran = Set(sessions.all)
            var adopted = 0
            for message in messages {
                if let count = buried[message], count > 0 {
                    buried[message] = count - 1
                } else if let job = try? JobMessage(parsing: message, maxBytes: 1 << 20) {
                    #expect(try await bench.job(job.id.text)["status"] == "done")
                    // It ran under the session that it names, and no other.
                    #expect(ran.contains("\(job.id) \(job.session)"))
                } else {
                    adopted += 1
                }
            }
            // What is left among the dead came without an id and was given one; so did the rest of what ran.
            let adoptedAndBuried = buried.values.reduce(0, +)
            let named = Set(messages.compactMap { try? JobMessage(parsing: $0, maxBytes: 1 << 20).id.text })
            let adoptedAndRun = ran.count { !named.contains(String($0.prefix { $0 != " " })) }
            #expect(adopted == adoptedAndBuried + adoptedAndRun)
            #expect(adoptedAndRun > 50 && ran.count > 200)
        }
    }
}

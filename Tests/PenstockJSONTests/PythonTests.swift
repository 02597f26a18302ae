import Foundation
import PenstockJSON
import Testing

/// Python's `json` is who else reads and writes what we store.
struct PythonTests {
    /// Runs a Python script with a seed and a file.
    private func python(_ script: String, seed: Int, file: URL) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", script, String(seed), file.path()]
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let complaints = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(complaints.isEmpty)
        #expect(process.terminationStatus == 0)
    }

    private func withFile(_ body: (URL) throws -> Void) throws {
        let file = FileManager.default.temporaryDirectory.appending(
            path: "penstock-json-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try body(file)
    }

    /// Makes the same random values for the same seed.
    private static let generator = """
        import json, math, random, struct, sys
        random = random.Random(int(sys.argv[1]))
        def text():
            kinds = [lambda: random.randrange(0x20, 0x7F), lambda: random.randrange(0, 0x20),
                     lambda: random.randrange(0x80, 0xD800), lambda: random.randrange(0xD800, 0xE000),
                     lambda: random.randrange(0xE000, 0x110000), lambda: random.choice(b'"\\\\/')]
            weights = [60, 5, 10, random.choice([0, 0, 0, 5]), 5, 5]
            return "".join(chr(random.choices(kinds, weights)[0]()) for _ in range(random.choice([0, 1, 3, 8, 14, 17, 60])))
        def number():
            return random.choice([
                lambda: random.randrange(-100, 100), lambda: random.randrange(-2**63 - 5, 2**63 + 5),
                lambda: random.randrange(-10**40, 10**40), lambda: 10 ** random.randrange(0, 30),
                lambda: random.choice([2**63 - 1, -2**63, 2**63, 2**64 - 1, 2**64, 10**18, 10**18 - 1, 10**19]),
                lambda: struct.unpack("<d", random.randbytes(8))[0], lambda: float(random.randrange(-10**17, 10**17)),
                lambda: random.randrange(-10**9, 10**9) / 10 ** random.randrange(0, 12), lambda: random.random(),
                lambda: random.choice([0.0, -0.0, 1.0, 5e-324, 1e16, 1e-4, 1e-5, 1e22, 1e23, math.nan, math.inf, -math.inf]),
                lambda: random.uniform(-1, 1) * 10 ** random.randrange(-20, 20)])()
        def value(depth):
            kind = random.randrange(10)
            if kind == 0: return random.choice([None, True, False])
            if kind <= 3 or depth == 0 and kind < 7: return number()
            if kind <= 6 or depth == 0: return text()
            size = random.choice([0, 1, 2, 5, 20])
            if kind == 7: return [value(depth - 1) for _ in range(size)]
            return {text(): value(depth - 1) for _ in range(size)}
        values = [value(4) for _ in range(300)]

        """

    @Test(arguments: [1, 2, 3])
    func `what Python writes is written back so that Python reads the same`(_ seed: Int) throws {
        try withFile { file in
            let write = """
                with open(sys.argv[2], "w") as f:
                    for v in values: print(json.dumps(v), file=f)
                """
            try python(Self.generator + write, seed: seed, file: file)
            let lines = try Data(contentsOf: file).split(separator: UInt8(ascii: "\n"))
            #expect(lines.count == 300)
            var written: [UInt8] = []
            for line in lines {
                let json = try JSON(parsing: Array(line))
                json.write(into: &written)
                written.append(UInt8(ascii: "\n"))
                // The same by way of an encoder and decoder, and over several lines.
                #expect(
                    try ExactJSONDecoder().decode(JSON.self, from: ExactJSONEncoder().encode(json)) == json)
                #expect(try JSON(parsing: json.text(pretty: true)) == json)
            }
            try Data(written).write(to: file)
            // repr tells 1 from 1.0, 0.0 from -0.0, and one nan is like another. Python itself joins two
            // halves that happen to stand side by side.
            let compare = """
                with open(sys.argv[2], encoding="utf-8", newline="\\n") as f: lines = f.read().split("\\n")[:-1]
                assert len(lines) == len(values), len(lines)
                for line, v in zip(lines, values):
                    again = json.loads(json.dumps(v))
                    assert repr(json.loads(line)) == repr(again), (line, again)
                """
            try python(Self.generator + compare, seed: seed, file: file)
        }
    }

    @Test(arguments: [1, 2])
    func `Python writes what we wrote byte for byte`(_ seed: Int) throws {
        var random = SplitMix(state: UInt64(seed))
        try withFile { file in
            var written: [UInt8] = []
            for _ in 0..<5_000 {
                let value: JSON =
                    switch UInt8.random(in: 0..<5, using: &random) {
                    case 0: JSON(Double(bitPattern: random.next()))
                    case 1: JSON(Double(Int64.random(in: -(1 << 55)...(1 << 55), using: &random)))
                    case 2:
                        JSON(Double(Int.random(in: -1_000_000_000...1_000_000_000, using: &random)) / 10_000)
                    case 3: JSON(Double.random(in: -1...1, using: &random))
                    default: [JSON(random.text()), JSON(Int128.random(in: .min ... .max, using: &random))]
                    }
                value.write(into: &written)
                written.append(UInt8(ascii: "\n"))
                #expect(try JSON(parsing: value.bytes) == value)
            }
            try Data(written).write(to: file)
            let compare = """
                import json, sys
                with open(sys.argv[2], encoding="utf-8", newline="\\n") as f: lines = f.read().split("\\n")[:-1]
                assert len(lines) == 5000
                for line in lines:
                    again = json.dumps(json.loads(line), ensure_ascii=False, separators=(",", ":"))
                    assert again == line, (again, line)
                """
            try python(compare, seed: seed, file: file)
        }
    }

    @Test func `a float of single size comes back as it was`() throws {
        var random = SplitMix(state: 7)
        for _ in 0..<5_000 {
            let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
            let bytes = try ExactJSONEncoder().encode(value)
            let again = try ExactJSONDecoder().decode(Float.self, from: bytes)
            #expect(again == value || again.isNaN && value.isNaN)
            #expect(try JSON(parsing: bytes).number?.isInteger == false)
        }
    }
}

/// Random numbers that are the same on every run.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func text() -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...20, using: &self) {
            let limit: UInt32 = next() % 4 == 0 ? 0x110000 : 0x80
            if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &self)) { text.append(scalar) }
        }
        return String(text)
    }
}

import Penstock
import PenstockJSON
import PenstockModel

extension Command {
    static let doctor = Command(
        name: "doctor",
        summary: "look at Redis and the store: versions, durability, latencies, clocks",
        settings: [.redis, .store],
        printsData: true,
        notes: """
            Ends with 1 if there is anything to complain about, with 3 if Redis or the store is away. It measures writes to the
            store in a session of its own, \(StoreExamination.session), which is left empty.
            """
    ) { invocation in
        let ofQueue = await Examined("redis") {
            try await invocation.withQueue { inspector in
                try await RedisExamination(inspector, prefix: invocation.settings.prefix).findings()
            }
        }
        let ofStore = await Examined("store") {
            guard invocation.settings.storeAddress != .memory else {
                return [
                    Finding(
                        "store", "store", "memory:",
                        complaint: "it ends with the worker, and no other worker sees it")
                ]
            }
            return try await invocation.withStore { try await StoreExamination.findings(in: $0) }
        }
        let findings = ofQueue.findings + ofStore.findings
        invocation.output.show(.array(findings.map { $0.json }), findings.text)
        if let failure = ofQueue.failure ?? ofStore.failure { throw failure }
        return findings.contains { $0.complaint != nil } ? .failed : .done
    }
}

/// What came of looking at Redis or at the store: one that is away keeps nothing of the other back.
private struct Examined {
    let findings: [Finding]
    let failure: Failure?

    init(_ about: String, _ look: () async throws -> [Finding]) async {
        do {
            (findings, failure) = (try await look(), nil)
        } catch {
            let failure = Failure(error)
            findings = [Finding(about, "answer", "none", complaint: failure.sentence)]
            self.failure = failure
        }
    }
}

/// One thing that the doctor saw.
struct Finding: Sendable {
    /// `redis` or `store`.
    let about: String
    let name: String
    let value: String
    /// What is wrong with it, in a sentence.
    let complaint: String?

    init(_ about: String, _ name: String, _ value: String, complaint: String? = nil) {
        self.about = about
        self.name = name
        self.value = value
        self.complaint = complaint
    }

    var json: JSON {
        [
            "about": JSON(about), "name": JSON(name), "value": JSON(value),
            "complaint": JSON(orNull: complaint),
        ]
    }
}

extension [Finding] {
    fileprivate var text: String {
        var table = Table(["", "", "", ""])
        for finding in self {
            table.add([finding.complaint == nil ? "ok" : "!!", finding.about, finding.name, finding.value])
        }
        let complaints = compactMap { finding in
            finding.complaint.map { "!! \(finding.about), \(finding.name): \($0)\n" }
        }
        let rows = table.text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
        return rows.joined(separator: "\n") + "\n"
            + (complaints.isEmpty ? "nothing to complain about\n" : complaints.joined())
    }
}

/// Times of one thing done many times over.
struct Timings {
    private let sorted: [Duration]

    init(_ timings: [Duration]) {
        sorted = timings.sorted()
    }

    /// `median 0.12 ms, p99 0.40 ms`
    var text: String {
        guard !sorted.isEmpty else { return "unknown" }
        let p99 = sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
        return "median \(Self.milliseconds(sorted[sorted.count / 2])), p99 \(Self.milliseconds(p99))"
    }

    private static func milliseconds(_ duration: Duration) -> String {
        let hundredths = duration.wholeMicroseconds / 10
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) ms"
    }
}

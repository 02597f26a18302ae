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
            Ends with 1 if there is anything to complain about. It measures writes to the store in a session of its own,
            \(StoreExamination.session), which is left empty.
            """
    ) { invocation in
        var findings = try await invocation.withQueue { inspector in
            try await RedisExamination(inspector, prefix: invocation.settings.prefix).findings()
        }
        if invocation.settings.storeAddress == .memory {
            findings.append(
                Finding(
                    "store", "store", "memory:",
                    complaint: "it ends with the worker, and no other worker sees it"))
        } else {
            findings += try await invocation.withStore { try await StoreExamination.findings(in: $0) }
        }
        invocation.output.show(.array(findings.map { $0.json }), findings.text)
        return findings.contains { $0.complaint != nil } ? .failed : .done
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

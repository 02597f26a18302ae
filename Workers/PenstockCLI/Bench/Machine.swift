import Penstock
import PenstockJSON
import PenstockPlatform

/// What was measured on.
enum Machine {
    static var json: JSONObject {
        [
            "processor": .string(ProcessFacts.processorModel),
            "cores": .number(.init(ProcessFacts.coreCount)),
            "memory_bytes": .number(.init(ProcessFacts.memoryBytes)), "kernel": .string(ProcessFacts.kernel),
            "penstock": .string(Version.text),
        ]
    }

    static var text: String {
        "\(ProcessFacts.processorModel), \(ProcessFacts.coreCount) cores, \(ProcessFacts.memoryBytes >> 30) GiB, "
            + "\(ProcessFacts.kernel), penstock \(Version.text)\n"
    }
}

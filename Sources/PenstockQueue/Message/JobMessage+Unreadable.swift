import PenstockJSON
import PenstockModel

// What can be said of a message that Redis' scripts could not read.

extension JobMessage {
    /// The id, though the rest may be no job.
    static func id(in message: [UInt8], maxBytes: Int) -> JobID? {
        json(message, maxBytes)?["id"]?.string.flatMap { try? JobID(checking: $0) }
    }

    /// The way to the first text or key with half of a surrogate pair in it, such as `input.names[2]`; `nil` if there is none.
    package static func unpairedKey(in message: [UInt8], maxBytes: Int) -> String? {
        json(message, maxBytes)?.wayToUnpaired.map { String($0.drop { $0 == "." }) }
    }

    private static func json(_ message: [UInt8], _ maxBytes: Int) -> JSON? {
        try? JSON(parsing: message, limits: .message(bytes: maxBytes))
    }
}

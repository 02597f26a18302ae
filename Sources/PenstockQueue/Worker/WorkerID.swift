/// Names a worker process: new at every start, without a `:`.
package struct WorkerID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// `<host>-<pid>-<random>`, the host's name cut to what may stand in a key.
    package init(host: String, pid: Int) {
        let allowed = host.utf8.filter { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        let name = String(decoding: allowed.prefix(40), as: UTF8.self)
        text =
            "\(name.isEmpty ? "worker" : name)-\(pid)-" + String(UInt32.random(in: 0...UInt32.max), radix: 36)
    }

    package var description: String { text }
}

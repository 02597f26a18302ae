import Foundation

/// Counts what a process may leave behind.
enum Census {
    /// This process's open descriptors.
    static func descriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }

    /// This process's children that ended and were not reaped.
    static func zombies() throws -> Int {
        let own = "\(getpid())"
        return try FileManager.default.contentsOfDirectory(atPath: "/proc").count { entry in
            guard let facts = FileManager.default.contents(atPath: "/proc/\(entry)/stat"),
                let behindName = String(decoding: facts, as: UTF8.self).split(separator: ") ").last
            else { return false }
            let fields = behindName.split(separator: " ").map(String.init)
            return fields.count > 1 && fields[0] == "Z" && fields[1] == own
        }
    }
}

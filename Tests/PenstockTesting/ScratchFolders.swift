import Foundation
import Synchronization

/// Folders under /tmp that are removed when the process exits, at the latest.
enum ScratchFolders {
    private static let folders: Mutex<Set<String>> = {
        atexit { ScratchFolders.removeAll() }
        return Mutex([])
    }()

    /// Makes one that is named after what it is for, such as `redis`.
    static func make(for name: String) throws -> String {
        var template = Array("/tmp/penstock-\(name)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw TestServerError(description: "No scratch folder: errno \(errno).")
        }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        folders.withLock { _ = $0.insert(folder) }
        return folder
    }

    /// A server that does not run as root is run by the user who gets the folder: gives that one's name, `nil` where we are not root.
    static func handOver(_ folder: String, to name: String) throws -> String? {
        guard geteuid() == 0 else { return nil }
        var (entry, found, room) = (
            passwd(), nil as UnsafeMutablePointer<passwd>?, [CChar](repeating: 0, count: 4_096)
        )
        // Not getpwnam: it answers all threads in one place.
        guard getpwnam_r(name, &entry, &room, room.count, &found) == 0, found != nil,
            chown(folder, entry.pw_uid, entry.pw_gid) == 0
        else {
            throw TestServerError(
                description: "The server does not run as root, and there is no user \(name).")
        }
        return name
    }

    static func remove(_ folder: String) {
        folders.withLock { _ = $0.remove(folder) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    private static func removeAll() {
        for folder in folders.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: folder) }
    }
}

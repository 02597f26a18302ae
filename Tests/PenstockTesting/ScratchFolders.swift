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

    static func remove(_ folder: String) {
        folders.withLock { _ = $0.remove(folder) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    private static func removeAll() {
        for folder in folders.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: folder) }
    }
}

import CPenstockSQLite
import Glibc
import PenstockSQL

/// The place of a database, looked at before SQLite is: its own answer is "unable to open database file" to anything.
struct SQLiteFile: Sendable {
    /// Absolute, so that neither a change of folder nor one of SQLite's special names can give it another meaning.
    let path: String

    init(at path: String) throws(SQLError) {
        guard !path.isEmpty, path != ":memory:", !path.utf8.contains(0) else {
            throw .refused(
                reason:
                    "A SQLite store needs the path of a file: ':memory:' is no file, use the memory store.")
        }
        if path.hasPrefix("/") {
            self.path = path
        } else {
            guard let folder = getcwd(nil, 0) else {
                throw .refused(reason: "The current folder cannot be found, so '\(path)' means nothing.")
            }
            defer { free(folder) }
            self.path = String(cString: folder) + "/" + path
        }
    }

    var folder: String {
        let end = path.lastIndex(of: "/") ?? path.startIndex
        return end == path.startIndex ? "/" : String(path[..<end])
    }

    /// The size of the write-ahead log beside it.
    var logBytes: Int {
        var status = stat()
        return stat(path + "-wal", &status) == 0 ? Int(status.st_size) : 0
    }

    /// Why SQLite could not open it, as far as can be told from outside.
    func whyItCannotBeOpened() -> String {
        var status = stat()
        guard stat(folder, &status) == 0 else {
            return "The folder '\(folder)' of the SQLite store does not exist; make it first."
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            return "'\(folder)' is no folder, so '\(path)' cannot be a SQLite store."
        }
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFREG else {
                return "'\(path)' is no file, so it cannot be a SQLite store."
            }
            guard access(path, R_OK | W_OK) == 0 else {
                return "The SQLite store '\(path)' may not be read and written by this user."
            }
        }
        guard access(folder, W_OK) == 0 else {
            return
                "The folder '\(folder)' may not be written by this user; SQLite keeps its log beside the file."
        }
        return "The SQLite store '\(path)' cannot be opened."
    }
}

/// What kind of file system a path is on, where that matters for what is kept.
enum SQLiteFileSystem {
    /// What the file system at `path` endangers; nil when nothing is known against it.
    static func complaint(at path: String) -> String? {
        switch penstock_file_system_kind(path) {
        case 0x0102_1994: "It is on a tmpfs, which a restart of the host empties."
        case 0x6969, 0xFF53_4D42, 0xFE53_4D42:
            "It is on a network file system, where write-ahead logging may corrupt it: one host only."
        default: nil
        }
    }
}

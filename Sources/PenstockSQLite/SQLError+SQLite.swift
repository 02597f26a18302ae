import CPenstockSQLite
import PenstockSQL

extension SQLError {
    /// The meaning of a result code. SQLite's messages name tables and columns, never values.
    init(sqlite code: Int32, saying message: String, of file: SQLiteFile) {
        let path = file.path
        self =
            switch code & 0xFF {
            case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL, SQLITE_INTERRUPT, SQLITE_SCHEMA:
                .contention(reason: "Other connections kept the SQLite store '\(path)' too long: \(message).")
            case SQLITE_CONSTRAINT where Self.isOfKey(code):
                .duplicate(key: Self.key(in: message))
            case SQLITE_CONSTRAINT, SQLITE_ERROR, SQLITE_MISUSE, SQLITE_RANGE, SQLITE_MISMATCH,
                SQLITE_INTERNAL:
                .bug(reason: "SQLite cannot do this: \(message).")
            case SQLITE_FULL:
                .refused(
                    reason: "There is no room left for the SQLite store '\(path)': free some of its disk.")
            case SQLITE_READONLY:
                .refused(
                    reason:
                        "The SQLite store '\(path)' may only be read: \(message). The file, its folder and the "
                        + "-wal and -shm beside it must be writable.")
            case SQLITE_CORRUPT:
                .refused(
                    reason: "The SQLite store '\(path)' is damaged: \(message). Restore it from a backup.")
            case SQLITE_NOTADB:
                .refused(reason: "'\(path)' is no SQLite database.")
            case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH, SQLITE_NOLFS:
                .refused(reason: file.whyItCannotBeOpened())
            case SQLITE_TOOBIG:
                .unfit(reason: "A value is larger than SQLite takes (1 GB unless it was built otherwise).")
            default:
                .connectionLost(reason: "The SQLite store '\(path)' failed (\(code)): \(message).")
            }
    }

    private static func isOfKey(_ code: Int32) -> Bool {
        let unique = SQLITE_CONSTRAINT | (8 << 8)
        let primaryKey = SQLITE_CONSTRAINT | (6 << 8)
        let rowid = SQLITE_CONSTRAINT | (10 << 8)
        return [unique, primaryKey, rowid].contains(code)
    }

    /// `session.id` from `UNIQUE constraint failed: session.id`.
    private static func key(in message: String) -> String {
        let colon = message.firstIndex(of: ":") ?? message.startIndex
        return String(message[colon...].drop { $0 == ":" || $0 == " " })
    }
}

import CPenstockSQLite
import PenstockSQL

/// Memory that holds the small texts and blobs of one run of a statement, so that SQLite allocates none for them.
final class SQLiteArena {
    /// Greater ones are copied by SQLite.
    private static let largestKept = 64 << 10

    private var base = UnsafeMutableRawPointer.allocate(byteCount: 4_096, alignment: 1)
    private var size = 4_096
    private var used = 0

    deinit { base.deallocate() }

    /// Forgets what it held, and makes sure that these find room without its being moved.
    func makeRoom(for values: [SQLValue]) {
        used = 0
        var needed = 1
        for value in values { needed += Self.bytesKept(of: value) }
        guard needed > size else { return }
        size = max(needed, size * 2)
        base.deallocate()
        base = .allocate(byteCount: size, alignment: 1)
    }

    /// Where the bytes stand until the next ``makeRoom(for:)``, and what SQLite is to do about them.
    ///
    /// The address is never nil, which SQLite would take for NULL.
    func keep(_ bytes: UnsafeRawBufferPointer) -> (UnsafeRawPointer, sqlite3_destructor_type?) {
        if bytes.count > Self.largestKept, let start = bytes.baseAddress {
            return (start, penstock_sqlite_transient())
        }
        let place = base + used
        if let start = bytes.baseAddress { place.copyMemory(from: start, byteCount: bytes.count) }
        used += bytes.count
        return (UnsafeRawPointer(place), nil)
    }

    private static func bytesKept(of value: SQLValue) -> Int {
        let count =
            switch value {
            case .null, .integer, .real: 0
            case .text(let text): text.utf8.count
            case .utf8(let bytes), .blob(let bytes): bytes.count
            }
        return count > largestKept ? 0 : count
    }
}

import CPenstockPostgres
import Glibc
import PenstockSQL

/// What libpq gives for one command, freed with the last reference to it.
final class PostgresResult {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    deinit { PQclear(handle) }

    var status: ExecStatusType { PQresultStatus(handle) }

    /// Such as `INSERT 0 1`.
    var tag: String { PQcmdStatus(handle).map { String(cString: $0) } ?? "" }

    /// Field of an error; nil where the server did not say.
    func field(_ field: Int) -> String? {
        PQresultErrorField(handle, Int32(field)).map { String(cString: $0) }
    }

    /// The whole of an error as libpq words it: values may stand in it.
    var wording: String { PQresultErrorMessage(handle).map { String(cString: $0) } ?? "" }

    var answer: SQLAnswer { SQLAnswer(rows: rows, changes: changes) }

    /// The number in the tag, which of a SELECT is that of its rows.
    private var changes: Int {
        let changing = ["INSERT", "UPDATE", "DELETE", "MERGE"]
        guard let count = PQcmdTuples(handle), count.pointee != 0, changing.contains(where: tag.hasPrefix)
        else {
            return 0
        }
        return Int(String(cString: count)) ?? 0
    }

    // MARK: Reading

    /// What the values of a column are given as.
    private enum Kind {
        case integer, boolean, real, blob, text

        init(_ type: Oid) {
            self =
                switch type {
                case 20, 21, 23, 26, 1700: .integer
                case 16: .boolean
                case 700, 701: .real
                case 17: .blob
                default: .text
                }
        }
    }

    private var rows: [SQLRow] {
        let count = PQntuples(handle)
        guard count > 0 else { return [] }
        let kinds = (0..<PQnfields(handle)).map { Kind(PQftype(handle, $0)) }
        return (0..<count).map { row in
            SQLRow(kinds.indices.map { column in value(at: row, Int32(column), as: kinds[column]) })
        }
    }

    private func value(at row: Int32, _ column: Int32, as kind: Kind) -> SQLValue {
        guard PQgetisnull(handle, row, column) == 0, let start = PQgetvalue(handle, row, column) else {
            return .null
        }
        let text = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(handle, row, column)))
        switch kind {
        // A numeric too, where it is one that fits; there is no exact form for the others.
        case .integer:
            return Int64(String(decoding: text, as: UTF8.self)).map(SQLValue.integer) ?? .utf8(Array(text))
        case .boolean: return .integer(text.first == UInt8(ascii: "t") ? 1 : 0)
        case .real: return .real(strtod(start, nil))
        case .blob: return .blob(Self.bytes(ofHex: text))
        case .text: return .utf8(Array(text))
        }
    }

    /// The bytes of `\x00ff`.
    private static func bytes(ofHex text: UnsafeRawBufferPointer) -> [UInt8] {
        let digits = UnsafeRawBufferPointer(rebasing: text.dropFirst(2))
        return Array(unsafeUninitializedCapacity: digits.count / 2) { bytes, count in
            count = digits.count / 2
            for index in 0..<count {
                bytes[index] = nibble(digits[2 * index]) << 4 | nibble(digits[2 * index + 1])
            }
        }
    }

    private static func nibble(_ digit: UInt8) -> UInt8 {
        digit <= UInt8(ascii: "9") ? digit &- UInt8(ascii: "0") : (digit | 0x20) &- UInt8(ascii: "a") &+ 10
    }
}

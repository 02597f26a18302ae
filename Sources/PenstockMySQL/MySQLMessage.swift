import CPenstockMariaDB

/// What a message of a server's may be repeated as: none with the values that a statement held.
struct MySQLMessage {
    private let code: Int32
    private let text: String

    init(_ failure: MySQLFailure) {
        code = failure.code
        text = failure.message
    }

    /// Those whose quotes hold nothing but names.
    private static let naming: Set<Int32> = [
        ER_ACCESS_DENIED_ERROR, ER_DBACCESS_DENIED_ERROR, ER_TABLEACCESS_DENIED_ERROR,
        ER_COLUMNACCESS_DENIED_ERROR, ER_SPECIFIC_ACCESS_DENIED_ERROR, ER_BAD_DB_ERROR, ER_BAD_FIELD_ERROR,
        ER_NO_SUCH_TABLE, ER_BAD_TABLE_ERROR, ER_TABLE_EXISTS_ERROR, ER_DATA_TOO_LONG, ER_BAD_NULL_ERROR,
        ER_NO_DEFAULT_FOR_FIELD, ER_WARN_DATA_OUT_OF_RANGE, ER_RECORD_FILE_FULL,
        ER_OPTION_PREVENTS_STATEMENT, ER_HOST_NOT_PRIVILEGED, ER_HOST_IS_BLOCKED, ER_DUP_FIELDNAME,
        ER_DUP_KEYNAME, ER_CANT_DROP_FIELD_OR_KEY, ER_SP_DOES_NOT_EXIST, ER_UNKNOWN_SYSTEM_VARIABLE,
    ]

    /// Without its closing full stop. What a quote of an unknown message begins is left out to the end: a value may hold
    /// quotes itself, and may have been cut.
    var sentence: String {
        let isOurs = MySQLFailure.isOfClient(code)
        let end =
            isOurs || Self.naming.contains(code)
            ? text.endIndex : text.firstIndex { "'\"`".contains($0) } ?? text.endIndex
        let kept = text[..<end] + (end == text.endIndex ? "" : "…")
        return String(kept.hasSuffix(".") ? kept.dropLast() : kept)
    }

    /// `PRIMARY` from `Duplicate entry 'Alice' for key 'PRIMARY'`. The entry comes first, whatever it holds; MySQL puts the table's name
    /// and a full stop before the key's.
    var key: String {
        let parts = text.split(separator: "'", omittingEmptySubsequences: false)
        guard text.hasSuffix("'"), parts.count >= 3 else { return "key" }
        let name = parts[parts.count - 2]
        return String(name.split(separator: ".").last ?? name)
    }
}

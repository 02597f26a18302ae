import PenstockSQL

/// A statement that has brackets around all of its places, `(?, ?)` or `ROW(?, ?)`, which stand in a text once for each row.
struct MySQLRowTemplate {
    /// What stands before the brackets and after them.
    let before: ArraySlice<UInt8>
    let after: ArraySlice<UInt8>
    /// What stands before, between and after the values of a row.
    let row: [ArraySlice<UInt8>]

    /// - Parameters:
    ///   - template: The statement, taken apart.
    ///   - width: How many values a row has.
    ///   - sql: Its text, for an error.
    /// - Throws: ``SQLError/bug(reason:)`` if it has no such brackets.
    init(_ template: MySQLTemplate, width: Int, of sql: String) throws(SQLError) {
        let (pieces, last) = (template.pieces, template.pieces.count - 1)
        guard let brackets = template.brackets, last == width else {
            throw .bug(
                reason:
                    "The statement has no brackets around \(width) values, to be repeated for rows: \(sql)")
        }
        let isNamed = pieces[0][..<brackets.start].suffix(3).elementsEqual("ROW".utf8)
        let start = isNamed ? brackets.start - 3 : brackets.start
        before = pieces[0][..<start]
        row = [pieces[0][start...]] + pieces[1..<last].map { $0[...] } + [pieces[last][..<brackets.end]]
        after = pieces[last][brackets.end...]
    }
}

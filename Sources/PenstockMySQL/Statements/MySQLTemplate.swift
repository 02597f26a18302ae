import PenstockSQL

/// One statement, taken apart at the question marks that stand for values. Comments are left out.
struct MySQLTemplate {
    /// What stands before, between and after the values: one more than there are values.
    let pieces: [[UInt8]]
    /// Where the innermost brackets around all of its places begin, in the first piece, and end, in the last; `nil` if it has none.
    let brackets: (start: Int, end: Int)?

    init(_ sql: String) throws(SQLError) {
        var scanner = Scanner(sql)
        try scanner.scan()
        guard scanner.pieces.contains(where: { !$0.isEmpty }) || scanner.pieces.count > 1 else {
            throw .bug(reason: "A statement was expected and an empty text given.")
        }
        pieces = scanner.pieces
        brackets = scanner.brackets
    }

    func check(_ values: [SQLValue], of sql: String) throws(SQLError) {
        guard values.count == pieces.count - 1 else {
            throw .bug(
                reason: "The statement takes \(pieces.count - 1) values and was given \(values.count): \(sql)"
            )
        }
    }
}

private struct Scanner {
    private let sql: [UInt8]
    private var index = 0
    var pieces: [[UInt8]] = [[]]
    /// Where the brackets begin that are open; `nil` for those that stand behind a place.
    private var opened: [Int?] = []
    /// Those that hold all places so far.
    private(set) var brackets: (start: Int, end: Int)?

    init(_ sql: String) {
        self.sql = Array(sql.utf8)
    }

    mutating func scan() throws(SQLError) {
        while index < sql.count {
            let byte = sql[index]
            switch byte {
            case UInt8(ascii: "?"):
                pieces.append([])
                index += 1
                brackets = nil
            case UInt8(ascii: "("):
                opened.append(pieces.count == 1 ? pieces[0].count : nil)
                take(byte)
            case UInt8(ascii: ")"):
                take(byte)
                guard let start = opened.popLast() ?? nil, brackets == nil, pieces.count > 1 else { break }
                brackets = (start, pieces[pieces.count - 1].count)
            case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"):
                try takeQuoted(by: byte)
            case UInt8(ascii: "#"):
                skipLine()
            case UInt8(ascii: "-") where startsLineComment:
                skipLine()
            case UInt8(ascii: "/") where next == UInt8(ascii: "*"):
                try skipComment()
            case UInt8(ascii: ";"):
                index += 1
                guard sql[index...].allSatisfy({ $0 <= 0x20 }) else {
                    throw .bug(
                        reason: "One statement was expected and several given; a script takes several.")
                }
                return
            default:
                take(byte)
            }
        }
    }

    private var next: UInt8? { index + 1 < sql.count ? sql[index + 1] : nil }

    /// Two hyphens begin a comment only before a space or a control character, or at the end.
    private var startsLineComment: Bool {
        guard next == UInt8(ascii: "-") else { return false }
        return index + 2 >= sql.count || sql[index + 2] <= 0x20
    }

    private mutating func take(_ byte: UInt8) {
        if byte > 0x20 || pieces.count > 1 || !pieces[0].isEmpty { pieces[pieces.count - 1].append(byte) }
        index += 1
    }

    private mutating func takeQuoted(by quote: UInt8) throws(SQLError) {
        take(quote)
        while index < sql.count {
            let byte = sql[index]
            take(byte)
            // A doubled quote ends one text and begins another at once: the same to us.
            if byte == quote { return }
            if byte == UInt8(ascii: "\\"), quote != UInt8(ascii: "`"), index < sql.count { take(sql[index]) }
        }
        throw .bug(reason: "A quoted text is not closed.")
    }

    private mutating func skipLine() {
        while index < sql.count, sql[index] != UInt8(ascii: "\n") { index += 1 }
    }

    /// A hint, or what only some servers are to read, is no comment to us.
    private mutating func skipComment() throws(SQLError) {
        let opening = index
        index += 2
        while index < sql.count, !(sql[index] == UInt8(ascii: "*") && next == UInt8(ascii: "/")) {
            index += 1
        }
        guard index < sql.count else { throw .bug(reason: "A comment is not closed.") }
        index += 2
        let comment = sql[opening..<index]
        let isRead =
            comment.count > 4 && [UInt8(ascii: "!"), UInt8(ascii: "+")].contains(comment[opening + 2])
        pieces[pieces.count - 1].append(contentsOf: isRead ? comment : [UInt8(ascii: " ")])
    }
}

import PenstockSQL

/// A statement that a connection has prepared, or is preparing.
final class PostgresStatement {
    /// What the server knows it by.
    let name: String
    let sql: String
    /// Which of its values were declared to be bytes; the server finds out what the others are. Empty for one that is given rows.
    let areBlobs: [Bool]
    /// How many arrays of texts it is given, if it is given rows.
    let width: Int?

    init(_ name: String, _ command: SQLCommand) {
        self.name = name
        sql = command.sql
        width = command.width
        areBlobs = width == nil ? command.values.map(\.isBlob) : []
    }

    /// The types of its values as they are declared, 0 for what the server finds out.
    var types: [UInt32] {
        if let width { return Array(repeating: Self.textArray, count: width) }
        return areBlobs.contains(true) ? areBlobs.map { $0 ? Self.bytes : 0 } : []
    }

    private static let bytes: UInt32 = 17
    private static let textArray: UInt32 = 1009

    /// NULL is of any type.
    func serves(_ command: SQLCommand) -> Bool {
        guard sql == command.sql, width == command.width else { return false }
        if width != nil { return true }
        guard areBlobs.count == command.values.count else { return false }
        for (value, isBlob) in zip(command.values, areBlobs) where value.isBlob != isBlob && value != .null {
            return false
        }
        return true
    }
}

extension SQLValue {
    fileprivate var isBlob: Bool {
        if case .blob = self { true } else { false }
    }
}

/// The statements that a connection has prepared, the lately used ones in front.
///
/// They are found by comparing texts: those of our callers are few and mostly the very same string, which is faster than
/// hashing a long one.
struct PostgresStatements {
    private static let capacity = 64

    private var statements: [PostgresStatement] = []
    private var made = 0
    /// The names of those that were dropped here and not yet on the server.
    private(set) var dropped: [String] = []

    /// The statement that serves `command`, if there is one.
    mutating func find(for command: SQLCommand) -> PostgresStatement? {
        guard let index = statements.firstIndex(where: { $0.serves(command) }) else { return nil }
        guard index > 3 else { return statements[index] }
        statements.swapAt(index, index / 2)
        return statements[index / 2]
    }

    /// Takes up a new one, which the caller has the server prepare.
    mutating func make(for command: SQLCommand) -> PostgresStatement {
        made += 1
        if statements.count == Self.capacity { dropped.append(statements.removeLast().name) }
        let statement = PostgresStatement("s\(made)", command)
        statements.insert(statement, at: 0)
        return statement
    }

    /// Forgets one that the server did not come to prepare.
    mutating func forget(_ statement: PostgresStatement) {
        statements.removeAll { $0 === statement }
    }

    mutating func takeDropped() -> [String] {
        defer { dropped = [] }
        return dropped
    }
}

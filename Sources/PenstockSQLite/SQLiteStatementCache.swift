/// The statements that a connection has prepared, the lately used ones in front.
///
/// They are found by comparing texts: those of our callers are few and mostly the very same string, which is faster
/// than hashing a long one.
final class SQLiteStatementCache {
    private static let capacity = 32

    private let connection: OpaquePointer
    private let arena = SQLiteArena()
    private var statements: [SQLiteStatement] = []

    init(of connection: OpaquePointer) {
        self.connection = connection
    }

    func statement(for sql: String) throws(SQLiteFailure) -> SQLiteStatement {
        if let index = statements.firstIndex(where: { $0.sql == sql }) {
            if index > 3 { statements.swapAt(index, index / 2) }
            return statements[index > 3 ? index / 2 : index]
        }
        let statement = try SQLiteStatement(sql, on: connection, arena: arena)
        if statements.count == Self.capacity { statements.removeLast().finalize() }
        statements.insert(statement, at: 0)
        return statement
    }

    func empty() {
        for statement in statements { statement.finalize() }
        statements = []
    }
}

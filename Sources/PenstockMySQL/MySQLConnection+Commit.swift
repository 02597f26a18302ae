package import PenstockExecutors
package import PenstockSQL

extension MySQLConnection {
    /// More than this leaves in several writes: one packet of the protocol holds little more.
    private static let largestWrite = (1 << 24) - 16
    private static let roomForEnding = 64

    /// Commits statements as one text, or in MariaDB by prepared statements that are given rows, see ``MySQLCommit``. Only what is larger
    /// than 16 MB, or than the server's `max_allowed_packet`, leaves in several writes.
    ///
    /// How durable a commit is, is a setting of the whole server's: what the batch says of it has no effect.
    package func commit(_ batch: SQLBatch) throws(SQLError) -> [SQLAnswer] {
        guard isOnePiece(batch) else { return try commitInPieces(batch.commands) }
        var commit = MySQLCommit(of: batch, givesRows: handle.isMariaDB)
        do throws(SQLError) {
            while let exchange = try commit.next(on: self) { try commit.take(complete(exchange)) }
            return try commit.result()
        } catch {
            if commit.isTransaction { undo() }
            throw error
        }
    }

    package func commit(
        _ batch: SQLBatch, on loop: SocketLoop,
        _ answered: @escaping @Sendable (Result<[SQLAnswer], SQLError>) -> Void
    ) -> Bool {
        guard handle.mayWaitElsewhere, isOnePiece(batch) else { return false }
        MySQLLoopedCommit.begin(batch, over: self, on: loop, answered)
        return true
    }

    /// Whether the batch need not go in pieces: a byte of a value may need two.
    private func isOnePiece(_ batch: SQLBatch) -> Bool {
        if batch.commands.count == 1 || batch.commands.contains(where: { $0.width != nil }) { return true }
        let size = batch.commands.reduce(Self.roomForEnding) { size, command in
            command.values.reduce(size + command.sql.utf8.count + 1) {
                $0 + 2 * MySQLRowBinding.longestForm(of: $1) + 16
            }
        }
        return size <= largestChunk
    }

    /// The text of commands, with what comes before and after them.
    func text(
        _ opening: String?, _ commands: ArraySlice<SQLCommand>, _ ending: String? = nil
    ) throws(SQLError) -> any MySQLExchange {
        text.removeAll()
        if let opening { text.append(opening + ";") }
        var parts: [MySQLTextPart] = opening == nil ? [] : [.frame]
        for command in commands {
            try append(command)
            text.append(";")
            parts.append(.command(command.sql))
            guard let rows = command.mustChange else { continue }
            text.append(MySQLSession.check(rows) + ";")
            parts.append(.check(rows: rows))
        }
        if let ending { text.append(ending) }
        guard text.count <= largestText else { throw tooLarge(text.count) }
        return MySQLTextExchange(text.bytes, on: handle) { [parts] in
            parts.indices.contains($0) ? parts[$0] : .frame
        }
    }

    private func commitInPieces(_ commands: [SQLCommand]) throws(SQLError) -> [SQLAnswer] {
        var answers: [SQLAnswer] = []
        do throws(SQLError) {
            _ = try exchange(MySQLSession.hurry, within: options.answerLimit)
            text.removeAll()
            text.append(MySQLCommit.beginning)
            for command in commands {
                let end = text.count
                text.append(";")
                try append(command)
                guard text.count > largestChunk - Self.roomForEnding else { continue }
                let size = text.count - end - 1
                guard size <= largestText - Self.roomForEnding else { throw tooLarge(size) }
                try send(first: end, of: commands, &answers)
            }
            let ending = session.commit(.writing)
            text.append(";" + ending)
            try send(first: text.count, of: commands, &answers)
            // Before the commands a transaction was begun, and after them it was committed.
            guard answers.count == commands.count + ending.split(separator: ";").count + 1 else {
                throw MySQLCommit.misanswered(commands)
            }
        } catch {
            undo()
            throw error
        }
        return Array(answers[1...commands.count])
    }

    private var largestChunk: Int { min(largestText, Self.largestWrite) }

    /// Sends what stands first in ``text``, and takes it out with the semicolon behind it.
    private func send(
        first count: Int, of commands: [SQLCommand], _ answers: inout [SQLAnswer]
    ) throws(SQLError) {
        let before = answers.count
        answers += try complete(
            MySQLTextExchange(UnsafeRawBufferPointer(rebasing: text.bytes[..<count]), on: handle) { failed in
                let index = before + failed - 1
                return commands.indices.contains(index) ? .command(commands[index].sql) : .frame
            })
        text.remove(first: min(count + 1, text.count))
    }
}

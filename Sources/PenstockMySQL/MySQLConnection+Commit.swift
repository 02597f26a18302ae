package import PenstockSQL

extension MySQLConnection {
    /// More than this leaves in several writes: one packet of the protocol holds little more.
    private static let largestWrite = (1 << 24) - 16
    private static let roomForEnding = 64

    /// Sends the commands with their values written out, between the beginning of a transaction and its commit, as one text:
    /// the server runs them one after the other and stops at the first that fails. So a client that falls silent has sent
    /// the commit too, or nothing that is run. (Prepared statements that were sent ahead would go on after a failure.) Only
    /// what is larger than 16 MB, or than the server's `max_allowed_packet`, leaves in several writes.
    ///
    /// How durable a commit is, is a setting of the whole server's: what the batch says of it has no effect.
    package func commit(_ batch: SQLBatch) throws(SQLError) -> [SQLAnswer] {
        let commands = batch.commands
        for command in commands { try command.check() }
        // A single statement is a transaction already.
        if commands.count == 1 { return [try runPrepared(commands[0])] }
        if commands[0].width != nil { return try commitRows(commands) }
        var answers: [SQLAnswer] = []
        var ending = "COMMIT"
        do throws(SQLError) {
            text.removeAll()
            text.append("START TRANSACTION")
            for command in commands {
                let end = text.count
                text.append(";")
                try append(command)
                guard text.count > largestChunk - Self.roomForEnding else { continue }
                let size = text.count - end - 1
                guard size <= largestText - Self.roomForEnding else { throw tooLarge(size) }
                if answers.isEmpty { _ = try exchange(MySQLSession.hurry, within: options.answerLimit) }
                ending = session.commit(.writing)
                try send(first: end, of: commands, &answers)
            }
            text.append(";" + ending)
            try send(first: text.count, of: commands, &answers)
        } catch {
            undo()
            throw error
        }
        // Before the commands a transaction was begun, and after them it was committed.
        guard answers.count == commands.count + ending.split(separator: ";").count + 1 else {
            throw .bug(reason: "Of \(commands.count) commands one has given several answers, or none.")
        }
        return Array(answers[1...commands.count])
    }

    /// Runs the commands that are given rows, which come first, each in an exchange of its own, and then the others with the commit
    /// as one text. If we fall silent in between, MariaDB ends the transaction, see ``MySQLSession``.
    private func commitRows(_ commands: [SQLCommand]) throws(SQLError) -> [SQLAnswer] {
        let withRows = commands.prefix { $0.width != nil }
        do throws(SQLError) {
            _ = try exchange("START TRANSACTION", within: options.answerLimit)
            var answers: [SQLAnswer] = []
            for command in withRows {
                let answer = try runPrepared(command)
                if let expected = command.mustChange, answer.changes != expected {
                    throw SQLError.unmet(expected: expected, changed: answer.changes)
                }
                answers.append(answer)
            }
            text.removeAll()
            for command in commands.dropFirst(withRows.count) {
                try append(command)
                text.append(";")
            }
            text.append("COMMIT")
            guard text.count <= largestText else { throw tooLarge(text.count) }
            try exchange(
                text.bytes,
                about: { index in
                    commands.indices.contains(withRows.count + index)
                        ? commands[withRows.count + index].sql : nil
                }, onAnswer: { answers.append($0) })
            guard answers.count == commands.count + 1 else {
                throw SQLError.bug(
                    reason: "Of \(commands.count) commands one has given several answers, or none.")
            }
            return Array(answers.dropLast())
        } catch {
            undo()
            throw error
        }
    }

    private var largestChunk: Int { min(largestText, Self.largestWrite) }

    /// Sends what stands first in ``text``, and takes it out with the semicolon behind it.
    private func send(
        first count: Int, of commands: [SQLCommand], _ answers: inout [SQLAnswer]
    ) throws(SQLError) {
        let before = answers.count
        var added: [SQLAnswer] = []
        try exchange(
            UnsafeRawBufferPointer(rebasing: text.bytes[..<count]),
            about: { failed in
                let index = before + failed - 1
                return commands.indices.contains(index) ? commands[index].sql : nil
            },
            onAnswer: { added.append($0) })
        answers += added
        text.remove(first: min(count + 1, text.count))
    }
}

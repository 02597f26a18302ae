import Glibc
package import PenstockSQL

/// A SQLite file, shared with the other processes of this host.
///
/// One connection writes and another reads, each on a thread of its own, so that reads wait for no commit. Must be
/// closed with ``close()``.
package final class SQLiteDatabase: SQLDatabase {
    private let writer: SQLiteSeat
    private let reader: SQLiteSeat

    private init(writer: SQLiteSeat, reader: SQLiteSeat) {
        self.writer = writer
        self.reader = reader
    }

    /// Opens the file at `path`, which is made if its folder exists, and sets it to write-ahead logging for good.
    ///
    /// - Throws: ``SQLError/refused(reason:)`` for whatever keeps it from being used.
    package static func open(
        at path: String, options: SQLiteOptions = SQLiteOptions()
    ) async throws(SQLError) -> SQLiteDatabase {
        try await open(at: path, options: options) { fdatasync($0) }
    }

    static func open(
        at path: String, options: SQLiteOptions = SQLiteOptions(), flush: @escaping SQLiteSync.Flush
    ) async throws(SQLError) -> SQLiteDatabase {
        let file = try SQLiteFile(at: path)
        let database = SQLiteDatabase(
            writer: SQLiteSeat(on: file, as: .writer, options: options, flush: flush),
            reader: SQLiteSeat(on: file, as: .reader, options: options))
        do {
            try await database.writer.open()
            try await database.reader.open()
        } catch {
            await database.close()
            throw error
        }
        return database
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws(SQLError) -> Value
    ) async throws(SQLError) -> Value {
        try await reader.transaction(body)
    }

    package func lend(to work: @escaping @Sendable (SQLLoan) -> Void) {
        writer.lend(to: work)
    }

    /// SQLite has one writer at a time, over all processes.
    package var writers: Int { 1 }

    /// Commits block the thread.
    package func executor(isAlone: Bool) -> (any TaskExecutor)? { isAlone ? writer.tasks : nil }

    package func describe() async throws(SQLError) -> SQLDescription {
        try await writer.describe()
    }

    package func close() async {
        await reader.close()
        await writer.close()
    }
}

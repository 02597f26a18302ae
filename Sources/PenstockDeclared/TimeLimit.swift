/// Runs a body that heeds cancellation, and waits for its end when it was cancelled by the limit: a program that is being
/// stopped never runs beside its successor.
func withTimeLimit<Value: Sendable>(
    _ limit: Duration?, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    guard let limit else { return try await body() }
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        if case .some(.some(let value)) = try await group.next() { return value }
        group.cancelAll()
        do {
            // What ended by itself while it was being stopped counts.
            if case .some(.some(let value)) = try await group.next() { return value }
            throw ProgramStopped(errorTail: "")
        } catch let stopped as ProgramStopped {
            throw ProgramFailure(
                "the program ran into its timeout of \(limit) and was stopped", errorTail: stopped.errorTail)
        }
    }
}

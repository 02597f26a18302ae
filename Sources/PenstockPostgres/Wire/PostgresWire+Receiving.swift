import CPenstockPostgres
import PenstockSQL

/// Taking in what the server answers, as far as it has come.
extension PostgresWire {
    /// An exchange that was sent, and what has come of it until now.
    struct Awaited {
        /// Where it is with what is to be paid next.
        enum Stage {
            case begun
            /// Only the end of the answer is missing.
            case answered
            /// Only the mark is missing, in whose place a failure came.
            case ended
        }

        var owed: [Owed]
        /// How much of that was paid.
        private(set) var paid = 0
        var stage = Stage.begun
        var answers: [SQLAnswer] = []
        var failure: PostgresFailure?

        init(owed: [Owed]) { self.owed = owed }

        mutating func payNext() {
            paid += 1
            stage = .begun
        }
    }

    /// Takes in what has come of an exchange, and says whether that was all.
    func receive(_ awaited: inout Awaited) throws(SQLError) -> Bool {
        while awaited.paid < awaited.owed.count {
            guard PQisBusy(handle) == 0 else { return false }
            let result = PQgetResult(handle).map { PostgresResult($0) }
            switch awaited.owed[awaited.paid] {
            case .mark: try receiveMark(result, &awaited)
            case let debt where awaited.stage == .begun: try receive(result, for: debt, &awaited)
            default: if result == nil { awaited.payNext() }
            }
        }
        return true
    }

    /// The answers of an exchange that was received whole, or the first failure.
    func answers(of awaited: Awaited) throws(SQLError) -> [SQLAnswer] {
        if let failure = awaited.failure { throw meaning(of: failure) }
        return awaited.answers
    }

    private func receive(
        _ result: PostgresResult?, for debt: Owed, _ awaited: inout Awaited
    ) throws(SQLError) {
        guard let result else { throw breakOff(meaning(of: awaited.failure ?? ownFailure)) }
        if isCopy(result) {
            throw breakOff(.bug(reason: "COPY was asked for, which is not served here."))
        }
        let trouble = failure(in: result)
        switch debt {
        case .answer(let command):
            awaited.failure = awaited.failure ?? trouble?.keeping(secret: command.values)
            if awaited.failure == nil { awaited.answers.append(result.answer) }
        case .preparation(let statement):
            awaited.failure = awaited.failure ?? trouble
            if result.status != PGRES_COMMAND_OK { statements.forget(statement) }
        case .courtesy, .mark: break
        }
        if PQstatus(handle) != CONNECTION_OK {
            throw breakOff(meaning(of: awaited.failure ?? trouble ?? ownFailure))
        }
        awaited.stage = .answered
    }

    /// What fails when the server comes to the mark is the commit of a command that stood alone: that is answered before the mark.
    private func receiveMark(_ result: PostgresResult?, _ awaited: inout Awaited) throws(SQLError) {
        if result?.status == PGRES_PIPELINE_SYNC { return awaited.payNext() }
        switch (awaited.stage, result) {
        case (.begun, let result?):
            awaited.failure = awaited.failure ?? failure(in: result)
            awaited.stage = .answered
        case (.answered, nil): awaited.stage = .ended
        case (.answered, _): break
        default: throw breakOff(meaning(of: awaited.failure ?? ownFailure))
        }
    }
}

import PenstockModel

extension Save {
    /// What is wrong with a write before any store has seen it, in a sentence; `nil` when nothing is.
    ///
    /// Every driver refuses such a write first: it is a mistake of the writer, and the fence would not find it.
    var fault: String? {
        if let job, job.session != session {
            return "the record of job \(job.id) names session \(job.session), and the write is to \(session)"
        }
        if let opening, opening.isEmpty { return "the write opens session \(session) without a token" }
        guard let checkpoint else {
            return job == nil ? "the write holds neither a checkpoint nor a job's record" : nil
        }
        if checkpoint.session != session {
            return
                "checkpoint \(checkpoint.id) names session \(checkpoint.session), and the write is to \(session)"
        }
        if checkpoint.step <= seen {
            return
                "checkpoint \(checkpoint.id) has step \(checkpoint.step), and the session is at step \(seen) already"
        }
        return nil
    }
}

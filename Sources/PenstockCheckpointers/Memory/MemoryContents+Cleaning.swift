import PenstockModel

extension MemoryContents {
    mutating func clean(
        _ retention: Retention, from position: CleaningPosition?, limit: Int, isDryRun: Bool, now: Timestamp
    ) -> CleanedPage {
        var position = position ?? CleaningPosition(of: sessions.keys.sorted())
        var page = CleanedPage()
        var rows = CleanedPage.mostRows
        while page.sessions < limit, rows > 0, let id = position.sessions.first {
            if let found = sessions.index(forKey: id),
                let limits = retention.limits(of: sessions.values[found].record.flow, at: now)
            {
                let own = sessions.values[found].jobs.compactMap { jobs[$0] }.filter { $0.session == id }
                var removed = Removed()
                if position.offset == 0 { removed.jobs = own.count { limits.removes($0) } }
                if !isDryRun {
                    for job in own where limits.removes(job) { forget(job, of: found) }
                }
                let results = own.filter { !limits.removes($0) }.compactMap { $0.result?.checkpoint }
                let isFinished = sessions.values[found].clean(
                    limits, except: Set(results), isDryRun: isDryRun, from: &position, rows: &rows, &removed)
                page.add(removed, of: limits.flow)
                guard isFinished else { break }
            }
            position.advance()
            page.sessions += 1
        }
        if !position.sessions.isEmpty { page.next = position }
        return page
    }

    private mutating func forget(_ job: JobRecord, of session: [SessionID: MemorySession].Index) {
        jobs[job.id] = nil
        sessions.values[session].jobs.remove(job.id)
    }
}

extension MemorySession {
    /// Removes the oldest checkpoints that are no longer kept, at most `rows` of them.
    ///
    /// - Returns: Whether none is left to look at.
    mutating func clean(
        _ limits: RetentionLimits, except results: Set<CheckpointID>, isDryRun: Bool,
        from position: inout CleaningPosition, rows: inout Int, _ removed: inout Removed
    ) -> Bool {
        let last = checkpoints.count - 1
        // A reset may have come in between.
        let start = min(position.offset, checkpoints.count)
        var index = start
        var staying: [Checkpoint] = []
        while index < last, rows > 0, goes(index, limits) {
            if results.contains(checkpoints[index].id) {
                staying.append(checkpoints[index])
            } else {
                removed.count(checkpoints[index])
            }
            index += 1
            rows -= 1
        }
        position.kept += staying.count
        let isFinished = index >= last || !goes(index, limits)
        let isEmptied =
            index == last && position.kept == 0 && limits.mayEmpty(record)
            && isTooOld(checkpoints[last], limits) && !results.contains(checkpoints[last].id)
        if isEmptied { removed.count(checkpoints[last]) }
        guard !isDryRun else {
            position.offset = index
            return isFinished
        }
        bytes -= removed.bytes
        checkpoints.replaceSubrange(start..<index, with: staying)
        position.offset = start + staying.count
        if isEmptied {
            checkpoints = []
            fence()
        }
        return isFinished
    }

    private func goes(_ index: Int, _ limits: RetentionLimits) -> Bool {
        limits.count.map { index < checkpoints.count - $0 } ?? false || isTooOld(checkpoints[index], limits)
    }

    private func isTooOld(_ checkpoint: Checkpoint, _ limits: RetentionLimits) -> Bool {
        limits.oldest.map { checkpoint.timestamp < $0 } ?? false
    }
}

extension Removed {
    fileprivate mutating func count(_ checkpoint: Checkpoint) {
        checkpoints += 1
        bytes += checkpoint.state.count
    }
}

extension CleaningPosition {
    fileprivate init(of sessions: [SessionID]) {
        self.init()
        self.sessions = sessions[...]
    }
}

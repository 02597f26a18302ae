import PenstockModel

/// Goes through a session's jobs in two stores side by side, a page of each at a time.
struct JobDifferences {
    /// What the second store has to do to have what the first has.
    enum Difference {
        case put(JobRecord)
        case remove(JobID)
    }

    private var ours: JobPages
    private var theirs: JobPages

    init(of session: SessionID, in source: any CopySource, and target: any CopySource) {
        ours = JobPages(store: source, session: session)
        theirs = JobPages(store: target, session: session)
    }

    mutating func next() async throws(CheckpointerError) -> Difference? {
        while true {
            switch (try await ours.peek(), try await theirs.peek()) {
            case (nil, nil):
                return nil
            case (let record?, let other?) where record.id == other.id:
                ours.pop()
                theirs.pop()
                if !CopyComparison.equal(record, other) { return .put(record) }
            case (let record?, let other) where other.map { record.id < $0.id } ?? true:
                ours.pop()
                return .put(record)
            case (_, let other):
                theirs.pop()
                if let other { return .remove(other.id) }
            }
        }
    }
}

/// The jobs of a session, read page by page.
private struct JobPages {
    let store: any CopySource
    let session: SessionID
    private var page: ArraySlice<JobRecord> = []
    private var last: JobID?
    private var isAtEnd = false

    private static let atOnce = 500

    init(store: any CopySource, session: SessionID) {
        self.store = store
        self.session = session
    }

    mutating func peek() async throws(CheckpointerError) -> JobRecord? {
        if page.isEmpty, !isAtEnd {
            page = try await store.jobs(of: session, limit: Self.atOnce, after: last)[...]
            last = page.last?.id ?? last
            isAtEnd = page.isEmpty
        }
        return page.first
    }

    mutating func pop() { page = page.dropFirst() }
}

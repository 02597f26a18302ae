import PenstockQueue

/// How many workers a job brought down since it last came a step further.
struct CrashCount: Equatable {
    /// The crashes that count.
    let count: Int
    /// The head at which the crashes before no longer count, when that has to be noted.
    let progress: Int?

    init(of claim: Claim, head: Int) {
        if claim.crashes > 0, head > claim.crashStep {
            count = 1
            progress = head
        } else {
            count = claim.crashes - claim.crashBase
            progress = nil
        }
    }
}

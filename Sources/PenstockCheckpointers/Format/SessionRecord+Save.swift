import PenstockModel

extension SessionRecord {
    /// Whether this is what a save leaves behind that opens the session and adds no checkpoint: an earlier try of it took
    /// effect. Its token tells, which no other save has.
    func isLeft(by save: Save) -> Bool {
        save.opening != nil && save.checkpoint == nil && epoch == save.epochAfter && owner == save.ownerAfter
            && head == save.seen
    }
}

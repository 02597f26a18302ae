import PenstockModel
import PenstockSQL

/// What was found in a session that is no longer kept, and how it is removed.
struct SQLCleaningFind: Sendable {
    /// What goes whatever happens meanwhile.
    var removed = Removed()
    /// The last checkpoint, which goes unless somebody opens the session meanwhile.
    var last: Removed?
    /// The command that removes the last checkpoint is the last.
    var commands: [SQLCommand] = []
    var position: CleaningPosition
    /// How many rows may still be looked at on this page.
    var rows: Int
    var isFinished = false
}

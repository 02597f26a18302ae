import CPenstockPlatform
import Glibc

/// Ties this process to its parent: when the parent's thread that started it ends, this process is killed.
///
/// Programs that ``ChildProcess`` starts are tied already.
///
/// - Parameter parent: Whom to follow, as the parent told it; without it a parent that has died before this
///   call goes unnoticed.
/// - Returns: `false` if that parent is gone, or no longer the parent: leave at once.
package func dieWithParent(_ parent: Int32? = nil) -> Bool {
    guard penstock_die_with_parent() == 0 else { return false }
    return parent.map { $0 == getppid() } ?? true
}

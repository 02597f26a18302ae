import CPenstockPlatform
import Glibc

/// The process groups of the programs that run, in the guard's care (see guard.h).
///
/// A guard that died is replaced before the next program starts.
struct ProcessGroups {
    private var running: Set<pid_t> = []
    private var guardian = penstock_guard(pid: 0, socket: -1)

    /// The socket for a program about to start, or -1: without a guard the parent-death signal still works.
    mutating func guardSocket() -> Int32 {
        if guardian.socket >= 0 {
            if penstock_guard_is_there(guardian.socket) != 0 { return guardian.socket }
            bury()
        }
        guard penstock_guard_start(&guardian) == 0 else {
            guardian.socket = -1
            return -1
        }
        for group in running { penstock_guard_tell(guardian.socket, group) }
        return guardian.socket
    }

    mutating func add(_ group: pid_t) {
        running.insert(group)
    }

    /// To be called while the group's leader is not yet reaped: then its number cannot be another's.
    mutating func remove(_ group: pid_t) {
        running.remove(group)
        if penstock_guard_tell(guardian.socket, -group) != 0 { bury() }
    }

    private mutating func bury() {
        close(guardian.socket)
        kill(guardian.pid, SIGKILL)
        _ = penstock_reap(guardian.pid)
        guardian.socket = -1
    }
}

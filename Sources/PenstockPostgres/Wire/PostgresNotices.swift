import CPenstockPostgres

/// Hears what a server says beside its answers. Nearly all of it is for nobody.
final class PostgresNotices {
    /// A commit was told as done although no standby confirmed it, because somebody ended the wait for that.
    private var standbyWasGivenUp = false

    /// The connection must hold this as long as its handle is open.
    func listen(to handle: OpaquePointer) {
        PQsetNoticeReceiver(
            handle,
            { context, notice in
                guard let context, let function = PQresultErrorField(notice, Int32(PENSTOCK_PG_FUNCTION))
                else { return }
                guard String(cString: function) == "SyncRepWaitForLSN" else { return }
                Unmanaged<PostgresNotices>.fromOpaque(context).takeUnretainedValue().standbyWasGivenUp = true
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Whether that happened since this was last asked.
    func takeStandbyWasGivenUp() -> Bool {
        defer { standbyWasGivenUp = false }
        return standbyWasGivenUp
    }
}

import Penstock
import PenstockJSON
import PenstockModel
import PenstockPool

extension Command {
    static let storeClean = Command(
        name: "store clean",
        summary: "remove from the store what is no longer kept: old checkpoints, records of ended jobs",
        flags: [Flag("dry-run", .none, "tell what would be removed, and remove nothing")]
            + Setting.all.filter { $0.key == "flows" }.map(\.flag),
        settings: [.redis, .store],
        printsData: true,
        notes: """
            What is kept, retention_checkpoints and retention_days say, and for a flow its own "retention", if it is
            among --flows. Workers do the same once an hour for the flows that they have; sessions of flows that no
            worker has any more are cleaned here. A session that is under way keeps its last checkpoint.
            """
    ) { invocation in
        let isDryRun = invocation.arguments.has("dry-run")
        var retention: Retention
        do {
            let pool = invocation.settings.pool
            retention = pool.retention(of: try invocation.settings.declaredFlows().map(\.runner))
            retention.standard = pool.retention
        } catch {
            throw Failure.misused("\(error)")
        }
        let cleaned = try await invocation.withPresentStore { store in
            try await clean(store, keeping: retention, isDryRun: isDryRun, invocation.output)
        }
        invocation.output.show(
            .object(cleaned.json(isDryRun: isDryRun)), cleaned.table + cleaned.sentence(isDryRun: isDryRun))
        return .done
    }

    /// Goes over all sessions.
    private static func clean(
        _ store: any Checkpointer, keeping retention: Retention, isDryRun: Bool, _ output: Output
    ) async throws -> CleanedPage {
        let now = WallClock.system.now()
        var all = CleanedPage()
        var told = ContinuousClock.now
        defer { output.progress("") }
        repeat {
            let page = try await store.clean(
                retention, from: all.next, limit: 200, isDryRun: isDryRun, now: now)
            all.sessions += page.sessions
            all.removed.merge(page.removed) { $0 + $1 }
            all.next = page.next
            if .now - told > .milliseconds(200) {
                output.progress("\(all.sessions) sessions looked at, \(all.sentence(isDryRun: isDryRun))")
                told = .now
            }
        } while all.next != nil
        return all
    }
}

extension CleanedPage {
    fileprivate func json(isDryRun: Bool) -> JSONObject {
        var json: JSONObject = ["dry_run": JSON(isDryRun), "sessions": JSON(sessions)]
        json.merge(total.json)
        json["flows"] = .object(
            JSONObject(removed.sorted { $0.key < $1.key }.map { ($0.key, .object($0.value.json)) }))
        return json
    }

    fileprivate var table: String {
        guard removed.count > 1 else { return "" }
        var table = Table(["FLOW", "CHECKPOINTS#", "BYTES#", "JOBS#"])
        for (flow, removed) in removed.sorted(by: { $0.key < $1.key }) {
            table.add([flow, "\(removed.checkpoints)", "\(removed.bytes)", "\(removed.jobs)"])
        }
        return table.text + "\n"
    }

    fileprivate func sentence(isDryRun: Bool) -> String {
        let total = total
        return "\(total.checkpoints) checkpoints (\(total.bytes) bytes) and \(total.jobs) records of jobs "
            + (isDryRun ? "would be removed\n" : "removed\n")
    }
}

extension Removed {
    fileprivate var json: JSONObject {
        ["checkpoints": JSON(checkpoints), "bytes": JSON(bytes), "jobs": JSON(jobs)]
    }
}

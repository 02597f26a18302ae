import Penstock
import PenstockCheckpointers
import PenstockJSON
import PenstockModel

extension Command {
    static let storeCopy = Command(
        name: "store copy",
        summary: "copy sessions from one store into another, and see whether all arrived",
        flags: [
            Flag("from", .required("URL"), "the store to copy from"),
            Flag("to", .required("URL"), "the store to copy into"),
            Flag("session", .required("ID"), "only this session (default: all)"),
            prefixFlag("from-table-prefix", "tables", standard.tablePrefix),
            prefixFlag("to-table-prefix", "tables", standard.tablePrefix),
            prefixFlag("from-key-prefix", "keys in Redis", standard.keyPrefix),
            prefixFlag("to-key-prefix", "keys in Redis", standard.keyPrefix),
        ],
        printsData: true,
        notes: """
            A store is sqlite:PATH, postgres://USER:PASSWORD@HOST:PORT/DB, mysql://USER:PASSWORD@HOST:PORT/DB,
            redis://HOST:PORT/DB or redis+unix:///PATH.
            Nothing is changed in the store that is copied from. It may be llmfy's, 0.11 included: --from-table-prefix
            llmfy_, --from-key-prefix llmfy_checkpoint:.
            Made once more, it copies what is missing or newer. A session that was opened in the target since it was
            copied is left alone there. Exit 1 if the target lacks anything, which is named.
            """
    ) { invocation in
        let from = try invocation.side("from")
        let to = try invocation.side("to")
        guard !from.address.isSame(as: to.address, from.settings, to.settings) else {
            throw Failure.misused(
                "--from and --to are one and the same store", "give them another prefix, or URL")
        }
        let session = try invocation.arguments["session"].map { try SessionID(checking: $0) }
        let report = try await invocation.withCopy(from, to) { copy in
            var told = ContinuousClock.now
            defer { invocation.output.progress("") }
            return try await copy.run(only: session) { report in
                guard .now - told > .milliseconds(200) else { return }
                invocation.output.progress("\(report.seen) sessions looked at, \(report.done)")
                told = .now
            }
        }
        if let session, report.seen == 0 {
            throw Failure.failed(
                "session \(session) is not known to the store that is copied from",
                "are --from and its prefix right?")
        }
        for note in report.notes {
            invocation.output.note("session \(note.session): \(note.words): \(note.reason)")
        }
        invocation.output.show(.object(report.json), report.done + "\n" + report.rest)
        return report.isComplete ? .done : .failed
    }

    private static let standard = StoreSettings()

    private static func prefixFlag(_ name: String, _ what: String, _ standard: String) -> Flag {
        Flag(name, .required("PREFIX"), "in front of the names of its \(what) (default: \(standard))")
    }
}

/// One end of a copy.
private struct Side {
    let address: StoreAddress
    let settings: StoreSettings
}

extension Invocation {
    fileprivate func side(_ name: String) throws -> Side {
        guard let url = arguments[name] else {
            throw Failure.misused(
                "store copy needs --from URL and --to URL", "a store is \(StoreAddress.forms)")
        }
        var settings = StoreSettings()
        settings.tablePrefix = arguments["\(name)-table-prefix"] ?? settings.tablePrefix
        settings.keyPrefix = arguments["\(name)-key-prefix"] ?? settings.keyPrefix
        return Side(address: try StoreAddress(url), settings: settings)
    }

    /// Opens both stores, which are closed afterwards.
    fileprivate func withCopy(
        _ from: Side, _ to: Side, _ body: (StoreCopy) async throws -> StoreCopyReport
    ) async throws -> StoreCopyReport {
        for case .redis(let address) in [from.address, to.address] { try await Self.reach(address) }
        let source: any CopySource
        do {
            source = try await from.address.openToCopyFrom(with: from.settings)
        } catch .refused(let reason) {
            throw Failure.misused("--from \(from.address) cannot be copied from: \(reason)")
        }
        do {
            let report = try await copy(from: source, to: try await open(to), body)
            await source.close()
            return report
        } catch {
            await source.close()
            throw error
        }
    }

    private func copy(
        from source: any CopySource, to target: any CopyTarget,
        _ body: (StoreCopy) async throws -> StoreCopyReport
    ) async throws -> StoreCopyReport {
        do {
            let report = try await body(StoreCopy(from: source, to: target))
            await target.close()
            return report
        } catch {
            await target.close()
            throw error
        }
    }

    private func open(_ to: Side) async throws -> any CopyTarget {
        do {
            return try await to.address.openToCopyInto(with: to.settings)
        } catch .refused(let reason) {
            throw Failure.misused("--to \(to.address) cannot be copied into: \(reason)")
        }
    }
}

extension StoreCopyReport {
    fileprivate var done: String {
        "\(sessions) sessions copied: \(checkpoints) checkpoints (\(bytes) bytes), \(jobs) records of jobs"
    }

    fileprivate var rest: String {
        let counts = [
            (alreadyThere, "already there"), (leftAlone, "left alone"), (different, "different"),
            (moving, "still moving"), (refused, "refused"),
        ]
        return counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)\n" }.joined()
    }

    fileprivate var json: JSONObject {
        [
            "sessions": JSON(sessions), "checkpoints": JSON(checkpoints), "jobs": JSON(jobs),
            "bytes": JSON(bytes),
            "already_there": JSON(alreadyThere), "left_alone": JSON(leftAlone), "different": JSON(different),
            "moving": JSON(moving), "refused": JSON(refused), "complete": JSON(isComplete),
            "notes": .array(
                notes.map {
                    [
                        "session_id": JSON($0.session.text), "kind": JSON($0.kind.rawValue),
                        "reason": JSON($0.reason),
                    ]
                }),
        ]
    }
}

extension StoreCopyReport.Note {
    fileprivate var words: String { kind.rawValue.replacing("_", with: " ") }
}

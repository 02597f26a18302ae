import PenstockModel
import Testing

/// What cleaning takes, and what it leaves.
@Suite(.timeLimit(.minutes(1)))
struct RetentionTests {
    @Test(arguments: Drivers.checkpointers)
    func `the last checkpoints are kept, and the writer goes on`(_ driver: CheckpointerDriver) async throws {
        try await driver.withTwoClients { first, second in
            var writer = try await Writer.open("s", in: first)
            for step in 1...10 { try await writer.save(state: #"{"n":\#(step)}"#) }
            let pass = try await second.pass(keeping: .all(3), at: .day(1))
            #expect(pass.removed == ["sample": Removed(checkpoints: 7, bytes: 49)])
            #expect(try await first.steps(of: "s") == [10, 9, 8])
            let summary = try #require(try await second.session("s"))
            #expect(summary.checkpoints == 3)
            #expect(summary.bytes == 22)
            #expect(summary.record.epoch == writer.epoch)
            try await writer.save()
            #expect(try await second.steps(of: "s") == [11, 10, 9, 8])
            #expect(try await second.session("s")?.bytes == 24)
            #expect(try await first.pass(keeping: .all(4), at: .day(1)).removed == [:])
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `checkpoints go when they are too old`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            try await Writer.session("s", in: store, days: 1...10)
            #expect(
                try await store.pass(keeping: .all(days: 4), at: .day(10)).removed["sample"]?.checkpoints == 5
            )
            #expect(try await store.steps(of: "s") == [10, 9, 8, 7, 6])
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `what is beyond either limit goes`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            try await Writer.session("s", in: store, days: 1...10)
            try await store.pass(keeping: .all(8, days: 4), at: .day(10))
            #expect(try await store.steps(of: "s") == [10, 9, 8, 7, 6])
            try await store.pass(keeping: .all(2, days: 4), at: .day(10))
            #expect(try await store.steps(of: "s") == [10, 9])
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `what no rule takes stays`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            try await Writer.session("s", in: store, days: 1...3, .done, .done)
            #expect(try await store.pass(keeping: .all(), at: .day(10_000)).removed == [:])
            #expect(try await store.pass(keeping: Retention(), at: .day(10_000)).removed == [:])
            #expect(try await store.steps(of: "s") == [3, 2, 1])
        }
    }

    @Test(arguments: Drivers.checkpointers, [SessionStatus.running, .waiting, .failed])
    func `a session that is not done keeps its last checkpoint, however old`(
        _ driver: CheckpointerDriver, _ status: SessionStatus
    ) async throws {
        try await driver.withStore { store in
            var writer = try await Writer.session("s", in: store, days: 1...3, status)
            try await store.pass(keeping: .all(1, days: 1), at: .day(10_000))
            #expect(try await store.steps(of: "s") == [3])
            #expect(try await store.session("s")?.record.epoch == writer.epoch)
            try await writer.save()
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a done session loses its last checkpoint too, and its writer with it`(
        _ driver: CheckpointerDriver
    ) async throws {
        try await driver.withTwoClients { first, second in
            let zombie = try await Writer.session("s", in: first, days: 1...3, .done)
            let pass = try await second.pass(keeping: .all(days: 7), at: .day(11))
            #expect(pass.removed == ["sample": Removed(checkpoints: 3, bytes: 6)])
            let left = try #require(try await first.session("s"))
            #expect(left.checkpoints == 0)
            #expect(left.bytes == 0)
            #expect(left.record.head == 3)
            #expect(left.record.flow == "sample")
            #expect(left.record.epoch > zombie.epoch)
            #expect(left.record.updated == .day(3))
            await #expect(throws: zombie.fenced) { try await first.save(zombie.draft()) }

            var next = try await Writer.open("s", in: second, job: "job-2")
            #expect(next.opened.latest == nil)
            #expect(next.opened.record.head == 3)
            #expect(try await next.save().step == 4)
            #expect(try await first.steps(of: "s") == [4])
            #expect(try await second.pass(keeping: .all(days: 7), at: .day(11)).removed == [:])
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a done session that was opened lately keeps its last checkpoint`(
        _ driver: CheckpointerDriver
    ) async throws {
        try await driver.withStore { store in
            try await Writer.session("s", in: store, days: 1...3, .done)
            var next = try await Writer.open("s", in: store, job: "job-2")
            #expect(next.opened.record.updated > .day(100))
            // A rule of less than a day does not cut short what runs.
            var retention = Retention.all()
            retention.standard?.age = .seconds(1)
            let soon = next.opened.record.updated.advanced(by: .seconds(80_000))
            try await store.pass(keeping: retention, at: soon)
            #expect(try await store.steps(of: "s") == [3])
            try await next.save()
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a job's result keeps its checkpoint, and the last one stays with it`(
        _ driver: CheckpointerDriver
    ) async throws {
        try await driver.withStore { store in
            var first = try await Writer.session("s", in: store, days: 1...2, .done, .done)
            let result = try #require(try await store.job("s")?.result)
            first = try await Writer.session("s", in: store, job: "job-2", days: 3...6, .done)
            let kept = Retention.all(2, days: 1, endedDays: 30)
            let pass = try await store.pass(keeping: kept, at: .day(20))
            #expect(pass.removed["sample"]?.checkpoints == 4)
            // Without the last one the session would fall back to an older state.
            #expect(try await store.steps(of: "s") == [6, 2])
            #expect(try await store.checkpoint(result.checkpoint, of: "s")?.step == 2)
            #expect(try await store.pass(keeping: kept, at: .day(20)).removed == [:])
            #expect(try await store.session("s")?.record.epoch == first.epoch)
            #expect(try await store.session("s")?.checkpoints == 2)
        }
    }

    @Test(arguments: Drivers.checkpointers.filter { !$0.forgetsJobsByItself })
    func `a result goes with its job`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            try await Writer.session("s", in: store, days: 1...2, .done, .done)
            try await Writer.session("s", in: store, job: "job-2", days: 3...6, .done, .done)
            let kept = Retention.all(2, days: 10, endedDays: 5)
            #expect(
                try await store.pass(keeping: kept, at: .day(9)).removed
                    == ["sample": Removed(checkpoints: 4, bytes: 8, jobs: 1)])
            #expect(try await store.job("s") == nil)
            #expect(try await store.job("job-2") != nil)
            #expect(try await store.steps(of: "s") == [6, 5])
            try await store.pass(keeping: .all(days: 10), at: .day(30))
            #expect(try await store.steps(of: "s") == [6], "job-2 is kept for ever")
            try await store.pass(keeping: kept, at: .day(30))
            #expect(try await store.steps(of: "s") == [])
        }
    }

    @Test(arguments: Drivers.checkpointers.filter { !$0.forgetsJobsByItself })
    func `records of jobs go by how they ended`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            for status in JobStatus.allCases {
                for day in [1, 5] {
                    var writer = try await Writer.open(
                        "s", in: store, job: JobID(unchecked: "\(status)-\(day)"))
                    try await writer.save(on: day, .running, status)
                }
            }
            func left() async throws -> [String] {
                var left: [String] = []
                for status in JobStatus.allCases {
                    for name in ["\(status)-1", "\(status)-5"]
                    where try await store.job(JobID(unchecked: name)) != nil { left.append(name) }
                }
                return left
            }
            let dry = try await store.pass(
                keeping: .all(endedDays: 7, deadDays: 20), at: .day(10), isDryRun: true)
            #expect(dry.removed == ["sample": Removed(jobs: 2)])
            #expect(try await left().count == 8)
            let pass = try await store.pass(keeping: .all(endedDays: 7, deadDays: 20), at: .day(10))
            #expect(pass.removed == ["sample": Removed(jobs: 2)])
            #expect(
                try await left() == ["running-1", "running-5", "done-5", "cancelled-5", "dead-1", "dead-5"])
            try await store.pass(keeping: .all(endedDays: 7, deadDays: 20), at: .day(22))
            #expect(try await left() == ["running-1", "running-5", "dead-5"])
            try await store.pass(keeping: .all(endedDays: 7, deadDays: 20), at: .day(10_000))
            #expect(try await left() == ["running-1", "running-5"])
            #expect(try await store.steps(of: "s").count == 8)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a flow may have a rule of its own, and without one its sessions are left alone`(
        _ driver: CheckpointerDriver
    ) async throws {
        try await driver.withStore { store in
            for flow in ["own", "open", "other"] {
                try await Writer.session(
                    SessionID(unchecked: flow), in: store, flow: flow, days: 1...5)
            }
            var retention = Retention(flows: [
                "own": RetentionRule(checkpoints: 3), "open": RetentionRule(),
            ])
            let pass = try await store.pass(keeping: retention, at: .day(9))
            #expect(pass.removed == ["own": Removed(checkpoints: 2, bytes: 4)])
            retention.standard = RetentionRule(checkpoints: 1)
            let next = try await store.pass(keeping: retention, at: .day(9))
            #expect(next.removed == ["other": Removed(checkpoints: 4, bytes: 8)])
            #expect(try await store.steps(of: "own") == [5, 4, 3])
            #expect(try await store.steps(of: "open") == [5, 4, 3, 2, 1])
            #expect(try await store.steps(of: "other") == [5])
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a session that no flow has written is left alone`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            let opened = try await Writer.open("opened", in: store)
            try await Writer.session("reset", in: store, days: 1...3, .done)
            try await store.reset("reset")
            let before = try await store.sessions(limit: 10, after: nil)
            #expect(try await store.pass(keeping: .all(1, days: 1), at: .day(10_000)).removed == [:])
            #expect(try await store.sessions(limit: 10, after: nil) == before)
            try await store.save(opened.draft())
        }
    }
}

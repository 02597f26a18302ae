import PenstockModel
import Testing

@Suite(.timeLimit(.minutes(1)))
struct JobsTests {
    @Test(arguments: Drivers.checkpointers)
    func `a job's record comes back as it was written`(_ driver: CheckpointerDriver) async throws {
        try await driver.withTwoClients { first, second in
            for (number, status) in JobStatus.allCases.enumerated() {
                let job = try JobID(checking: "job:\(number)")
                let writer = try await Writer.open("s", in: first, job: job)
                var save = writer.draft()
                save.job?.status = status
                save.job?.merged = !number.isMultiple(of: 2)
                save.job?.attempts = number
                save.job?.worker = "host.example:é"
                save.job?.error = status == .dead ? "line 1\nline \"2\" \\ é 😀 \u{1}" : nil
                save.job?.created = Timestamp(microseconds: 1_000)
                save.job?.updated = Timestamp(microseconds: 1_767_323_045_678_000)
                try await first.save(save)
                #expect(try await second.job(job) == save.job)
            }
        }
    }

    @Test(arguments: [nil, [], ["total"], ["b", "é", "a"]] as [[String]?], Drivers.checkpointers)
    func `a result refers to its checkpoint and the keys that make it up`(
        _ keys: [String]?, _ driver: CheckpointerDriver
    ) async throws {
        try await driver.withStore { store in
            let writer = try await Writer.open("s", in: store)
            var save = writer.draft()
            let checkpoint = try #require(save.checkpoint)
            save.status = .done
            save.job?.status = .done
            save.job?.result = JobResult(checkpoint: checkpoint.id, keys: keys)
            try await store.save(save)
            let found = try await store.open("s", for: "job-1", as: "next").job
            #expect(found == save.job)
            #expect(found?.result?.keys == keys)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a job is found whichever session asks`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            var writer = try await Writer.open("s", in: store, job: "job-1")
            try await writer.save()
            let opened = try await store.open("t", for: "job-1", as: "token")
            #expect(opened.job?.session == "s")
            #expect(try await store.open("t", for: "job-2", as: "token").job == nil)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a session keeps the records of all its jobs`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            for number in 1...5 {
                var writer = try await Writer.open("s", in: store, job: JobID(checking: "job-\(number)"))
                try await writer.save()
            }
            for number in 1...5 {
                #expect(try await store.job(JobID(checking: "job-\(number)"))?.session == "s")
            }
        }
    }
}

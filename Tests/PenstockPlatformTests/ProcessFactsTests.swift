import CPenstockPlatform
import Foundation
import Glibc
import Testing

@testable import PenstockPlatform

struct ProcessFactsTests {
    @Test func `the kernel has an answer to everything`() {
        #expect(ProcessFacts.pid == getpid())
        #expect(!ProcessFacts.hostName.isEmpty)
        #expect(ProcessFacts.residentBytes > 1_000_000)
        #expect(ProcessFacts.residentBytes < ProcessFacts.memoryBytes)
        #expect(ProcessFacts.processorTime > .zero)
        #expect(ProcessFacts.coreCount >= 1)
        #expect(ProcessFacts.kernel.hasPrefix("Linux "))
    }

    @Test func `the processor time grows with work`() {
        let before = ProcessFacts.processorTime
        while ProcessFacts.processorTime == before {}
        #expect(ProcessFacts.processorTime > before)
    }
}

struct LinkCountTests {
    @Test func `a file has as many links as names, and none when all are gone`() throws {
        let path = NSTemporaryDirectory() + "penstock-links-\(UUID().uuidString)"
        let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
        defer { close(descriptor) }
        #expect(penstock_link_count(descriptor) == 1)
        #expect(link(path, path + "-2") == 0)
        #expect(penstock_link_count(descriptor) == 2)
        unlink(path)
        unlink(path + "-2")
        #expect(penstock_link_count(descriptor) == 0)
    }

    @Test func `of what is no file it says so`() {
        #expect(penstock_link_count(-1) == -1)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct DescriptorLimitTests {
    @Test func `the process may open as many files as the system allows, and its programs as many as before`()
        async
    {
        await #expect(processExitsWith: .success) {
            var before = rlimit(rlim_cur: 100, rlim_max: 0)
            var all = rlimit()
            precondition(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &all) == 0)
            before.rlim_max = all.rlim_max
            precondition(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before) == 0)
            ProcessFacts.raiseDescriptorLimit()
            ProcessFacts.raiseDescriptorLimit()
            var after = rlimit()
            precondition(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &after) == 0)
            precondition(after.rlim_cur == all.rlim_max)
            let told = try await ChildProcess.run(.shell("ulimit -n")).output.text
            precondition(told == "100\n", told)
        }
    }
}

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

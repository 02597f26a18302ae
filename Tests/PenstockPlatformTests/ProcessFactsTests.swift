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

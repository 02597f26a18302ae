import Testing

@testable import PenstockRedis

@Suite struct FIFOTests {
    @Test func `what goes in first comes out first`() {
        var line = FIFO<Int>()
        var next = 0
        for number in 0..<10_000 {
            line.append(number)
            if number % 3 == 0 {
                #expect(line.popFirst() == next)
                next += 1
            }
        }
        #expect(line.count == 10_000 - next)
        while let number = line.popFirst() {
            #expect(number == next)
            next += 1
        }
        #expect(next == 10_000 && line.isEmpty)
    }

    @Test func `some are taken out and the rest keep their order`() {
        var line = FIFO<Int>()
        for number in 0..<10 { line.append(number) }
        _ = line.popFirst()
        #expect(line.min { $0 } == 1)
        #expect(line.removeAll { $0 % 2 == 0 } == [2, 4, 6, 8])
        #expect(line.contains { $0 == 3 } && !line.contains { $0 == 2 })
        #expect(line.removeAll() == [1, 3, 5, 7, 9])
        #expect(line.isEmpty && line.min { $0 } == nil)
    }
}

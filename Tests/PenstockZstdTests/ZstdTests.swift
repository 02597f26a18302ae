import Testing

@testable import PenstockZstd

@Suite struct ZstdTests {
    @Test(arguments: [0, 1, 1_000, 3_000_000])
    func `bytes come back as they were`(_ count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
        #expect(Zstd.decompress(Zstd.compress(bytes), limit: count) == bytes)
    }

    @Test func `what repeats takes less room`() {
        let bytes = Array(String(repeating: "checkpoint ", count: 1_000).utf8)
        #expect(Zstd.compress(bytes).count < 100)
    }

    @Test func `what is larger than the limit, cut off, altered or something else is refused`() {
        let bytes = Array(String(repeating: "checkpoint ", count: 1_000).utf8)
        let frame = Zstd.compress(bytes)
        #expect(Zstd.decompress(frame, limit: bytes.count - 1) == nil)
        #expect(Zstd.decompress(Array(frame.dropLast()), limit: .max) == nil)
        var altered = frame
        altered[0] ^= 1
        #expect(Zstd.decompress(altered, limit: .max) == nil)
        #expect(Zstd.decompress(bytes, limit: .max) == nil)
        #expect(Zstd.decompress([], limit: .max) == nil)
    }
}

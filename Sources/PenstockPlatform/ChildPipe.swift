import Glibc

/// Our end of one of a program's standard streams, or what tells of its end, and the watch on it.
struct ChildPipe {
    /// From what most programs write at a time to what a pipe holds unless someone asked for more.
    private static let chunkBytes = 4 * 1024...64 * 1024

    let descriptor: Int32
    var watch: EventLoop.Watch?
    /// How much is read at a time; more when it was not enough.
    private var wantedBytes = chunkBytes.lowerBound

    init(descriptor: Int32, watch: EventLoop.Watch? = nil) {
        self.descriptor = descriptor
        self.watch = watch
    }

    enum Chunk {
        case bytes([UInt8])
        case nothingYet
        case end
    }

    /// Takes what is there now, or a part of it.
    mutating func read() -> Chunk {
        var outcome = Chunk.end
        let (descriptor, wanted) = (descriptor, wantedBytes)
        let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
            var count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            while count < 0 && errno == EINTR {
                count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            }
            if count < 0 && errno == EAGAIN { outcome = .nothingYet }
            filled = max(0, count)
        }
        wantedBytes = bytes.count == wanted ? Self.chunkBytes.upperBound : Self.chunkBytes.lowerBound
        return bytes.isEmpty ? outcome : .bytes(bytes)
    }

    func close() {
        if let watch { EventLoop.shared.stop(watch) }
        Glibc.close(descriptor)
    }
}

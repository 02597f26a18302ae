import CPenstockZstd

/// Compression by zstd (RFC 8878), in frames that tell their size.
package enum Zstd {
    /// Level 1 costs a checkpoint least; higher ones gain a few per cent on JSON for several times the time.
    private static let level: Int32 = 1

    package static func compress(_ bytes: [UInt8]) -> [UInt8] {
        let bound = ZSTD_compressBound(bytes.count)
        return Array(unsafeUninitializedCapacity: bound) { buffer, count in
            let size = bytes.withUnsafeBytes { source in
                ZSTD_compress(buffer.baseAddress, bound, source.baseAddress, source.count, level)
            }
            precondition(ZSTD_isError(size) == 0, "zstd has room for whatever it makes")
            count = size
        }
    }

    /// What was compressed; `nil` when the bytes are no such frame, are damaged, or hold more than `limit` bytes.
    package static func decompress(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
        let size = bytes.withUnsafeBytes { ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
        guard penstock_zstd_is_size(size) != 0, size <= UInt64(limit) else { return nil }
        let expected = Int(size)
        let plain = [UInt8](unsafeUninitializedCapacity: max(expected, 1)) { buffer, count in
            let written = bytes.withUnsafeBytes { source in
                ZSTD_decompress(buffer.baseAddress, max(expected, 1), source.baseAddress, source.count)
            }
            count = ZSTD_isError(written) == 0 ? written : 0
        }
        return plain.count == expected ? plain : nil
    }
}

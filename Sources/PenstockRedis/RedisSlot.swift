/// The parts of a cluster's keys, of which each node serves some. A key's hash tag says which part it is in.
package enum RedisSlot {
    package static let count: UInt16 = 16_384

    /// What stands between the first `{` and the next `}`: with it in their prefix, all keys are in one slot. `nil` where
    /// the prefix leaves that to the rest of the key.
    package static func tag(of prefix: String) -> String? {
        guard let opening = prefix.firstIndex(of: "{"),
            let closing = prefix[opening...].firstIndex(of: "}")
        else { return nil }
        let tag = prefix[prefix.index(after: opening)..<closing]
        return tag.isEmpty ? nil : String(tag)
    }

    package static func number(of tag: String) -> UInt16 {
        // CRC-16/XMODEM, as the cluster's specification has it.
        var sum: UInt16 = 0
        for byte in tag.utf8 {
            sum ^= UInt16(byte) << 8
            for _ in 0..<8 { sum = sum & 0x8000 == 0 ? sum << 1 : sum << 1 ^ 0x1021 }
        }
        return sum % count
    }
}

/// Redis' wire format, as far as requests need it.
@usableFromInline enum RESP {
    /// `$`, a length of up to ten digits (512 MB is the server's limit), and two line ends.
    @usableFromInline static let bulkOverhead = 15

    @usableFromInline static func write(_ kind: UInt8, _ length: Int, to bytes: inout [UInt8]) {
        bytes.append(kind)
        write(length, to: &bytes)
        endLine(&bytes)
    }

    @usableFromInline static func write(_ number: Int, to bytes: inout [UInt8]) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        if bytes.count - start > 1 { bytes[start...].reverse() }
    }

    @usableFromInline static func digits(of number: Int) -> Int {
        var count = number < 0 ? 2 : 1
        var rest = number.magnitude
        while rest >= 10 {
            rest /= 10
            count += 1
        }
        return count
    }

    @inlinable static func endLine(_ bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\r"))
        bytes.append(UInt8(ascii: "\n"))
    }
}

/// Redis' wire format, as far as requests need it.
enum RESP {
    /// `$`, a length of up to ten digits (512 MB is the server's limit), and two line ends.
    static let bulkOverhead = 15
    /// Of an `Int`, with its sign.
    static let mostDigits = 20

    static func digits(of number: Int) -> Int {
        var count = number < 0 ? 2 : 1
        var rest = number.magnitude
        while rest >= 10 {
            rest /= 10
            count += 1
        }
        return count
    }
}

extension OutputSpan<UInt8> {
    mutating func appendLineEnd() {
        append(UInt8(ascii: "\r"))
        append(UInt8(ascii: "\n"))
    }

    mutating func appendDecimal(_ number: Int) {
        if number >= 0, number < 10 { return append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number)) }
        withUnsafeMutableBufferPointer { room, count in
            count += RESP.digits(of: number)
            var rest = number.magnitude
            var place = count
            repeat {
                place -= 1
                room.initializeElement(
                    at: place, to: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
                rest /= 10
            } while rest > 0
            if number < 0 { room.initializeElement(at: place - 1, to: UInt8(ascii: "-")) }
        }
    }

    mutating func appendBulk(_ bytes: UnsafeBufferPointer<UInt8>) {
        append(UInt8(ascii: "$"))
        appendDecimal(bytes.count)
        appendLineEnd()
        append(copying: bytes)
        appendLineEnd()
    }

    mutating func append(copying bytes: UnsafeBufferPointer<UInt8>) {
        withUnsafeMutableBufferPointer { room, count in
            _ = room[count...].initialize(fromContentsOf: bytes)
            count += bytes.count
        }
    }
}

extension [UInt8] {
    /// (A closure that captures a whole pack of arguments costs twice as much as this does for each of them.)
    mutating func appendArgument(_ argument: some RedisArgument) {
        append(addingCapacity: argument.redisByteCount) { argument.write(to: &$0) }
    }
}

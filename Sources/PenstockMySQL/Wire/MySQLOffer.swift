import CPenstockMariaDB
import Glibc

/// What a server's greeting says of TLS, looked at before libmariadb reads it.
enum MySQLOffer {
    /// Blocks until the greeting has come, up to a moment, and leaves it where it is.
    ///
    /// - Returns: Whether TLS is offered; `nil` if nothing came, or no greeting, or too little of one.
    static func ofTLS(at socket: Int32, until deadline: ContinuousClock.Instant) -> Bool? {
        // An error is libmariadb's to find: to read it here would take it away.
        guard MySQLEvents.poll(socket, for: Int16(POLLIN), until: deadline) == Int16(POLLIN) else {
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = recv(socket, &bytes, bytes.count, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        return count > 0 ? ofTLS(in: bytes[..<count]) : nil
    }

    /// The packet begins with its length and number (4 bytes) and the protocol's version, 10. After the server's version, up to a zero,
    /// come the session's number (4), half of a challenge (8), a zero, and the lower half of what the server can do.
    private static func ofTLS(in packet: ArraySlice<UInt8>) -> Bool? {
        guard packet.count > 5, packet[4] == 10, let end = packet[5...].firstIndex(of: 0),
            end + 15 < packet.count
        else { return nil }
        let capabilities = Int32(packet[end + 14]) | Int32(packet[end + 15]) << 8
        return capabilities & CLIENT_SSL != 0
    }
}

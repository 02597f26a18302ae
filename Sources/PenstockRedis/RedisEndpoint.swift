import Glibc

/// A place that can be connected to without asking anybody for its address.
enum RedisEndpoint: Hashable, Sendable {
    case numeric(host: String, port: UInt16)
    case unix(path: String)
}

/// Why there is no connection to be had.
struct RedisUnreachable: Error {
    let reason: String
}

extension RedisEndpoint {
    /// The host's addresses. Blocks: name servers can be silent for a long time.
    static func lookUp(host: String, port: UInt16) throws(RedisUnreachable) -> [RedisEndpoint] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &list)
        guard status == 0 else {
            throw RedisUnreachable(reason: "\(host): \(String(cString: gai_strerror(status)))")
        }
        defer { freeaddrinfo(list) }
        var found: [RedisEndpoint] = []
        var next = list
        while let info = next {
            var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let isNamed = getnameinfo(
                info.pointee.ai_addr, info.pointee.ai_addrlen, &name, socklen_t(name.count), nil, 0,
                NI_NUMERICHOST)
            if isNamed == 0 {
                let text = String(
                    decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                let endpoint = RedisEndpoint.numeric(host: text, port: port)
                if !found.contains(endpoint) { found.append(endpoint) }
            }
            next = info.pointee.ai_next
        }
        return found
    }
}

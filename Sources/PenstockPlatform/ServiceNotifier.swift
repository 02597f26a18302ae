import CPenstockPlatform
import Glibc

/// Tells the service manager (systemd) how the service is; tells no one where there is none.
package struct ServiceNotifier: Hashable, Sendable {
    package enum News: Hashable, Sendable {
        case ready
        case stopping
        /// One line for `systemctl status`.
        case status(String)
        /// The service is alive; owed at least once per ``ServiceNotifier/watchdogInterval``.
        case alive
    }

    private let socket: String?
    /// Within which the manager wants to hear ``News/alive``: tell it at half of this.
    package let watchdogInterval: Duration?

    package init(environment: [String: String]) {
        let address = environment["NOTIFY_SOCKET"] ?? ""
        socket = address.hasPrefix("/") || address.hasPrefix("@") ? address : nil
        let isMeant = environment["WATCHDOG_PID"].map { $0 == String(getpid()) } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdogInterval =
            socket != nil && isMeant && microseconds > 0 ? .microseconds(microseconds) : nil
    }

    /// Returns whether the manager's socket took it; `false` also where there is no manager. Does not wait
    /// for it.
    @discardableResult
    package func tell(_ news: News...) -> Bool {
        guard let socket else { return false }
        let message = news.map(\.assignment).joined(separator: "\n")
        return penstock_send_datagram(socket, message) == 0
    }
}

extension ServiceNotifier.News {
    fileprivate var assignment: String {
        switch self {
        case .ready: "READY=1"
        case .stopping: "STOPPING=1"
        case .status(let text): "STATUS=\(String(text.map { $0.isNewline ? " " : $0 }))"
        case .alive: "WATCHDOG=1"
        }
    }
}

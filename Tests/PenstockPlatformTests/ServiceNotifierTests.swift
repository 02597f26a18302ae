import Glibc
import Testing

@testable import PenstockPlatform

@Suite(.timeLimit(.minutes(1)))
struct ServiceNotifierTests {
    @Test func `a service manager hears what it is told`() throws {
        let folder = try ScratchFolder()
        let manager = try Manager(at: "\(folder.path)/notify")
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": "\(folder.path)/notify"])
        #expect(notifier.tell(.ready, .status("3 jobs\nrunning")))
        #expect(manager.heard() == "READY=1\nSTATUS=3 jobs running")
        #expect(notifier.tell(.alive))
        #expect(manager.heard() == "WATCHDOG=1")
        #expect(notifier.tell(.stopping))
        #expect(manager.heard() == "STOPPING=1")
    }

    @Test func `a name without a file works as well`() throws {
        let name = "@penstock-platform-test-\(getpid())"
        let manager = try Manager(at: name)
        #expect(ServiceNotifier(environment: ["NOTIFY_SOCKET": name]).tell(.ready))
        #expect(manager.heard() == "READY=1")
    }

    @Test(arguments: [
        [:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "vsock:2:1"], ["NOTIFY_SOCKET": "/no/such"],
    ])
    func `where no manager listens nothing happens`(_ environment: [String: String]) {
        #expect(!ServiceNotifier(environment: environment).tell(.ready))
    }

    @Test func `the watchdog's interval is ours only if it is meant for this process`() {
        var environment = ["NOTIFY_SOCKET": "/run/notify", "WATCHDOG_USEC": "30000000"]
        #expect(ServiceNotifier(environment: environment).watchdogInterval == .seconds(30))
        environment["WATCHDOG_PID"] = String(getpid())
        #expect(ServiceNotifier(environment: environment).watchdogInterval == .seconds(30))
        environment["WATCHDOG_PID"] = "1"
        #expect(ServiceNotifier(environment: environment).watchdogInterval == nil)
    }
}

/// The receiving end, as systemd has it.
private final class Manager {
    private let descriptor: Int32

    init(at path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = path.hasPrefix("@") ? [0] + path.utf8.dropFirst() : Array(path.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (path.hasPrefix("@") ? 0 : 1))
        let outcome = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard outcome == 0 else { throw ScratchFolder.Failure(errno: errno) }
    }

    func heard() -> String {
        var buffer = [UInt8](repeating: 0, count: 1024)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return Array(buffer.prefix(max(0, count))).text
    }

    deinit { close(descriptor) }
}

import CPenstockPlatform
import Glibc

/// What this process and its machine are, as the kernel tells it. Where it does not, 0 or an empty text.
package enum ProcessFacts {
    package static var pid: Int32 { getpid() }

    package static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 257)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "" }
        return text(buffer)
    }

    /// The memory that this process holds, in bytes.
    package static var residentBytes: Int {
        let fields = file("/proc/self/statm").split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// The processor time that this process has used, in user and kernel mode.
    package static var processorTime: Duration {
        var usage = rusage()
        guard getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { return .zero }
        return [usage.ru_utime, usage.ru_stime].reduce(.zero) { sum, time in
            sum + .seconds(time.tv_sec) + .microseconds(time.tv_usec)
        }
    }

    /// The processors that this process may run on.
    package static var coreCount: Int {
        let allowed = Int(penstock_core_count())
        return allowed > 0 ? allowed : max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }

    /// The processor's name, as in "AMD EPYC 7B13".
    package static var processorModel: String {
        let lines = file("/proc/cpuinfo").split(separator: "\n")
        for name in ["model name", "Hardware", "Model"] {
            if let line = lines.first(where: { $0.hasPrefix(name) }), let colon = line.firstIndex(of: ":") {
                return String(line[line.index(after: colon)...].drop(while: \.isWhitespace))
            }
        }
        return ""
    }

    /// The machine's memory in bytes.
    package static var memoryBytes: Int {
        Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// Lets this process open as many files as the system allows it; programs that it starts keep the limit that there was.
    package static func raiseDescriptorLimit() { penstock_raise_descriptor_limit() }

    /// The kernel's name and release, as in "Linux 6.1.0".
    package static var kernel: String {
        var names = utsname()
        guard uname(&names) == 0 else { return "" }
        let release = withUnsafeBytes(of: names.release) { Array($0.bindMemory(to: CChar.self)) }
        let system = withUnsafeBytes(of: names.sysname) { Array($0.bindMemory(to: CChar.self)) }
        return "\(text(system)) \(text(release))"
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The whole of a small file.
    private static func file(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(contentsOf: buffer.prefix(count))
        }
    }
}

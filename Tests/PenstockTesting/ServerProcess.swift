import Foundation
import Synchronization

/// The process of a server that a test started, which dies with the test process.
final class ServerProcess: Sendable {
    /// What it says goes to `server.log` in here.
    let folder: String
    private let words: [String]
    private let running = Mutex<(pid: pid_t, life: DispatchGroup)?>(nil)

    /// `command` is the program and its arguments, `user` whom it runs as where that is not our own user, `deathSignal` what
    /// it gets when this process ends, as `setpriv` names it.
    init(_ command: [String], in folder: String, as user: String? = nil, deathSignal: String = "KILL") {
        self.folder = folder
        words =
            ["setpriv", "--pdeathsig", deathSignal]
            + (user.map { ["--reuid", $0, "--regid", $0, "--init-groups"] } ?? []) + command
    }

    var log: String {
        String(
            decoding: FileManager.default.contents(atPath: folder + "/server.log") ?? Data(), as: UTF8.self)
    }

    var isRunning: Bool { running.withLock { $0?.life.wait(timeout: .now()) == .timedOut } }

    /// Starts it, also once more after it was stopped.
    func start() throws {
        let spawned = DispatchSemaphore(value: 0)
        let life = DispatchGroup()
        life.enter()
        let outcome = Mutex<(pid: pid_t, status: Int32)>((0, 0))
        let words = words
        let log = folder + "/server.log"
        // The server dies with the thread that started it, so that has to be one which lasts: it waits for the end.
        Thread.detachNewThread {
            let (pid, status) = Self.spawn(words, log: log)
            outcome.withLock { $0 = (pid, status) }
            spawned.signal()
            defer { life.leave() }
            guard status == 0 else { return }
            var ending: Int32 = 0
            while waitpid(pid, &ending, 0) < 0, errno == EINTR {}
        }
        spawned.wait()
        let (pid, status) = outcome.withLock { $0 }
        guard status == 0 else {
            throw TestServerError(
                description: "\(words.joined(separator: " ")) did not start: errno \(status).")
        }
        running.withLock { $0 = (pid, life) }
    }

    private static func spawn(_ words: [String], log: String) -> (pid: pid_t, status: Int32) {
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&files, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o666)
        posix_spawn_file_actions_adddup2(&files, 1, 2)
        var pid: pid_t = 0
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        let status = posix_spawnp(&pid, words[0], &files, nil, &arguments, environ)
        return (pid, status)
    }

    func signal(_ number: Int32) {
        running.withLock { running in
            if let running { Foundation.kill(running.pid, number) }
        }
    }

    /// Stops it in its tracks, until it gets SIGCONT. Returns when all of its threads stand still.
    func suspend() {
        guard let pid = running.withLock({ $0?.pid }) else { return }
        Foundation.kill(pid, SIGSTOP)
        while !Self.standsStill(pid) { usleep(1_000) }
    }

    private static func standsStill(_ pid: pid_t) -> Bool {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        return threads.allSatisfy { thread in
            let facts = FileManager.default.contents(atPath: "/proc/\(pid)/task/\(thread)/status") ?? Data()
            return facts.isEmpty || String(decoding: facts, as: UTF8.self).contains("\nState:\tT")
        }
    }

    /// Returns when it has ended by itself.
    func waitForEnd() {
        running.withLock { $0?.life }?.wait()
    }

    /// Returns when the process is gone.
    func stop(_ number: Int32) {
        running.withLock { running in
            guard let (pid, life) = running.take() else { return }
            Foundation.kill(pid, number)
            life.wait()
        }
    }

    /// Kills it and the processes that it started, as a crash of the host does, and returns when all are gone.
    func crash() {
        guard let pid = running.withLock({ $0?.pid }) else { return }
        signal(SIGSTOP)
        let children = Self.children(of: pid)
        for child in children { Foundation.kill(child, SIGKILL) }
        stop(SIGKILL)
        for child in children {
            while Self.isAlive(child) { usleep(1_000) }
        }
    }

    private static func children(of pid: pid_t) -> [pid_t] {
        let list = FileManager.default.contents(atPath: "/proc/\(pid)/task/\(pid)/children") ?? Data()
        return String(decoding: list, as: UTF8.self).split(separator: " ").compactMap { pid_t($0) }
    }

    /// One that nobody has asked about since its end holds nothing any more.
    private static func isAlive(_ pid: pid_t) -> Bool {
        let facts = FileManager.default.contents(atPath: "/proc/\(pid)/status") ?? Data()
        return !facts.isEmpty && !String(decoding: facts, as: UTF8.self).contains("\nState:\tZ")
    }
}

package struct TestServerError: Error, CustomStringConvertible {
    package let description: String
}

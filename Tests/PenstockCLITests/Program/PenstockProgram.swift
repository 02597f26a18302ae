import Foundation
import PenstockJSON
import PenstockPlatform
import PenstockRedis
import PenstockTesting

/// The program as it was built, run beside a Redis, in a scratch folder that is its own.
final class PenstockProgram: Sendable {
    let folder: String
    let prefix = TestRedis.prefix()
    private let redis: RedisAddress

    init(with redis: TestRedis) throws {
        self.redis = redis.address
        folder = NSTemporaryDirectory() + "penstock-cli-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            print("left behind: \(folder): \(error)")
        }
    }

    struct Ended: Sendable {
        let code: Int32?
        let output: String
        let errors: String

        var json: JSON? { try? JSON(parsing: output) }
    }

    /// The flags for a store in that Redis, apart from all other tests'.
    var storeInRedis: [String] {
        ["--store-url", redis.description, "--store-key-prefix", prefix + "checkpoint:"]
    }

    /// Where the tests were built, the program is too.
    private static let binaries = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().path

    private var environment: [String: String] {
        let ours = ProcessInfo.processInfo.environment
        // A program that was built with a sanitizer is told what the tests were.
        return ours.filter { $0.key.hasSuffix("SAN_OPTIONS") }.merging([
            "PATH": Self.binaries + ":" + (ours["PATH"] ?? "/usr/bin:/bin"),
            "PENSTOCK_REDIS_URL": redis.description, "PENSTOCK_PREFIX": prefix,
            "PENSTOCK_STORE_URL": "sqlite:\(folder)/store.db",
        ]) { $1 }
    }

    /// Writes a file into the folder.
    func write(_ text: String, to name: String) throws {
        let path = URL(filePath: folder + "/" + name)
        try FileManager.default.createDirectory(
            at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: path)
    }

    func run(_ arguments: String...) async throws -> Ended {
        try await run(program: ["penstock"] + arguments)
    }

    /// Runs it and hands on each line of its standard error, in order, as it comes.
    func run(
        _ arguments: [String], onErrorLine: @escaping @Sendable (String) -> Void
    ) async throws -> Ended {
        try await run(program: ["penstock"] + arguments, onErrorLine: onErrorLine)
    }

    /// Runs lines of bash, which find `penstock` and `penstock-example`.
    func bash(_ lines: String) async throws -> Ended {
        try await run(program: ["bash", "-c", lines])
    }

    private func run(
        program: [String], onErrorLine: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> Ended {
        let finished = try await ChildProcess.run(
            Program(program, environment: environment, folder: folder), onErrorLine: onErrorLine)
        let code: Int32? = if case .exited(let code) = finished.exit { code } else { nil }
        return Ended(
            code: code, output: String(decoding: finished.output, as: UTF8.self), errors: finished.errorTail)
    }
}

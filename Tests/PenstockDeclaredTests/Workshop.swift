import CPenstockPlatform
import Foundation
import PenstockCheckpointers
import PenstockEngine
import PenstockJSON
import PenstockModel
import Synchronization
import Testing

@testable import PenstockDeclared

/// A folder with flow files and programs in it, gone after the test.
final class Workshop: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/penstock-declared.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw Unmade(description: "no scratch folder: errno \(errno)")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: path) } catch {
            Issue.record("\(path) cannot be removed: \(error)")
        }
    }

    func write(_ name: String, _ text: String, mode: Int = 0o644) throws {
        let file = path + "/" + name
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    }

    func text(of name: String) -> String {
        FileManager.default.contents(atPath: path + "/" + name).map { String(decoding: $0, as: UTF8.self) }
            ?? ""
    }

    func lines(of name: String) -> [String] { text(of: name).split(separator: "\n").map(String.init) }

    /// What is wrong with the folder's files, their paths cut down to their names.
    var faults: [String] {
        DeclaredFlows(folder: path).faults.map {
            $0.description.replacingOccurrences(of: path + "/", with: "").replacingOccurrences(
                of: path, with: ".")
        }
    }

    /// What is wrong with a file of this content, each fault with its place.
    static func faults(of json: String) throws -> [String] {
        let shop = try Workshop()
        try shop.write("flow.json", json)
        return shop.faults.map { $0.replacingOccurrences(of: "flow.json: ", with: "") }
    }

    /// The one flow that the folder declares, without fault.
    func flow() throws -> Flow<JSONObject> {
        let declared = DeclaredFlows(folder: path)
        guard declared.faults.isEmpty, declared.flows.count == 1,
            let flow = declared.flows[0] as? Flow<JSONObject>
        else { throw Unmade(description: "not one flow: \(declared.faults)") }
        return flow
    }

    func engine(log: Log = .silent) throws -> FlowEngine<JSONObject> {
        try FlowEngine(flow(), checkpointer: MemoryCheckpointer(), log: log)
    }

    /// An engine for a flow of one node, `work`, that runs a shell script; `more` are further keys of the node.
    func engine(
        running script: String, _ more: JSONObject = [:], log: Log = .silent
    ) throws -> FlowEngine<JSONObject> {
        try writeFlow(["run": ["sh", "-c", JSON(script)]], more)
        return try engine(log: log)
    }

    /// An engine for a flow of one node, `work`, whose program stays: a Python script.
    func engine(
        serving script: String, _ more: JSONObject = [:], log: Log = .silent
    ) throws -> FlowEngine<JSONObject> {
        try write("serve.py", script)
        try writeFlow(["serve": ["python3", "serve.py"]], more)
        return try engine(log: log)
    }

    private func writeFlow(_ node: JSONObject, _ more: JSONObject) throws {
        var node = node
        node.merge(more)
        let flow: JSONObject = [
            "flow": "sample", "nodes": ["work": .object(node)],
            "edges": [["START", "work"], ["work", "END"]],
        ]
        try write("flow.json", flow.description)
    }
}

struct Unmade: Error, CustomStringConvertible {
    let description: String
}

extension FlowEngine<JSONObject> {
    /// The state after a run, in a session of its own unless one is named.
    func run(_ input: JSONObject = [:], in session: SessionID = .some()) async throws -> JSONObject {
        try await invoke(Update(partial: input), sessionID: session)
    }

    /// How a run fails that is to fail.
    func failure(of input: JSONObject = [:], in session: SessionID = .some()) async throws -> RunFailure {
        do {
            let state = try await run(input, in: session)
            throw Unmade(description: "no failure but \(state)")
        } catch FlowEngineError.failed(let failure) {
            return failure
        }
    }
}

extension SessionID {
    static func some() -> SessionID { SessionID(unchecked: "s\(UInt64.random(in: 0 ... .max))") }
}

/// A log that tests read.
final class Pages: Sendable {
    private let kept = Mutex<[JSONObject]>([])
    private let stream: AsyncStream<JSONObject>
    private let continuation: AsyncStream<JSONObject>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    var log: Log {
        Log(
            to: LogSink(level: .info, format: .json) { line in
                guard let page = (try? JSON(parsing: line))?.object else { return }
                self.kept.withLock { $0.append(page) }
                self.continuation.yield(page)
            })
    }

    var all: [JSONObject] { kept.withLock { $0 } }

    /// The next event that a program wrote to standard error.
    func line() async -> String {
        for await page in stream where page["from"]?.string == "stderr" { return page["event"]?.string ?? "" }
        return ""
    }
}

/// Whether the process is gone, waiting up to ten seconds for it.
func isGone(_ pid: pid_t) async -> Bool {
    await withCheckedContinuation { continuation in
        // A thread that waits must not be one that tasks run on.
        Thread.detachNewThread {
            let descriptor = penstock_pidfd_open(pid)
            guard descriptor >= 0 else { return continuation.resume(returning: errno == ESRCH) }
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let isGone = poll(&wait, 1, 10_000) == 1
            close(descriptor)
            continuation.resume(returning: isGone)
        }
    }
}

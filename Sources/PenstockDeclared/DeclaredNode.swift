import Foundation
import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPlatform

/// A node as a file declares it: a program that runs, one that stays, or a fixed update.
struct DeclaredNode {
    private static let kinds = ["run", "serve", "set"]
    private static let keys = kinds + ["timeout_seconds", "retry", "description"]

    let node: Node<JSONObject>

    /// `nil` when too little of it can be read; what is wrong stands in the fields' collector.
    init?(_ name: String, _ fields: Fields, folder: String) {
        fields.refuseAll(but: Self.keys)
        _ = fields.text("description")
        let timeout = fields.seconds("timeout_seconds")
        let kinds = Self.kinds.filter { fields.object[$0] != nil }
        guard kinds.count == 1 else {
            let found = kinds.isEmpty ? "none of them" : kinds.joined(separator: " and ")
            fields.faults.add(
                fields.path, "a node has one of \"run\", \"serve\" and \"set\"; this one has \(found)")
            return nil
        }
        let body: @Sendable (JSONObject, NodeContext) async throws -> Update<JSONObject>
        if kinds == ["set"] {
            guard let update = fields.fields("set")?.object else { return nil }
            if timeout != nil { fields.refuse("timeout_seconds", "a \"set\" node does not take time") }
            body = { _, _ in Update(partial: update) }
        } else {
            guard let program = Self.program(fields, kinds[0], folder) else { return nil }
            body =
                kinds == ["run"]
                ? RunningProgram(program, limit: timeout).update
                : ServingPrograms(program, limit: timeout).update
        }
        var node = Node<JSONObject>(NodeName(unchecked: name), run: body)
        if let retry = fields.fields("retry") {
            retry.refuseAll(but: ["max_attempts"] + RetryFields.waitKeys)
            node = node.retry(RetryFields.policy(retry, default: .exponential(maxAttempts: 3)))
        }
        self.node = node
    }

    private static func program(_ fields: Fields, _ key: String, _ folder: String) -> Program? {
        guard let words = fields.texts(key) else { return nil }
        guard let name = words.first, !name.isEmpty else {
            fields.refuse(key, "expected a program and its arguments, such as [\"python3\", \"fetch.py\"]")
            return nil
        }
        let program = Program(words, environment: NodeEnvironment.inherited, folder: folder)
        if !program.isFound {
            let place = name.contains("/") ? "at that path (from \(folder))" : "in PATH"
            fields.refuse(key, "there is no program \"\(name)\" \(place) that can be run")
            return nil
        }
        return program
    }
}

extension Program {
    /// Whether there is a file that can be executed where the program is looked for.
    fileprivate var isFound: Bool {
        candidates.contains { candidate in
            let path = candidate.hasPrefix("/") ? candidate : folder + "/" + candidate
            return FileManager.default.isExecutableFile(atPath: path)
        }
    }
}

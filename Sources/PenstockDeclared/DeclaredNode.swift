import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPlatform

/// A node as a file declares it: a program that runs, one that stays, or a fixed update.
struct DeclaredNode {
    private static let kinds = ["run", "serve", "set"]
    private static let keys = kinds + ["timeout_seconds", "retry", "description"]

    private typealias Body = @Sendable (JSONObject, NodeContext) async throws -> Update<JSONObject>

    let node: Node<JSONObject>

    /// `nil` when it cannot be read; what is wrong stands in the fields' collector.
    init?(_ name: String, _ fields: Fields, folder: String) {
        fields.refuseAll(but: Self.keys)
        _ = fields.text("description")
        let limit = fields.limit("timeout_seconds")
        let retry = fields.fields("retry").map { retry in
            retry.refuseAll(but: ["max_attempts"] + RetryFields.waitKeys)
            return RetryFields.policy(retry, default: .exponential(maxAttempts: 3))
        }
        let kinds = Self.kinds.filter { fields.object[$0] != nil }
        guard kinds.count == 1, let kind = kinds.first else {
            let found = kinds.isEmpty ? "none of them" : kinds.joined(separator: " and ")
            fields.faults.add(
                fields.path, "a node has one of \"run\", \"serve\" and \"set\"; this one has \(found)")
            return nil
        }
        guard let body = Self.body(kind, fields, limit: limit, folder: folder) else { return nil }
        var node = Node(light: NodeName(declared: name), run: body)
        for key in [kind, "timeout_seconds", "description"] { node.declaration[key] = fields.object[key] }
        self.node = retry.map(node.retry) ?? node
    }

    private static func body(_ kind: String, _ fields: Fields, limit: Duration?, folder: String) -> Body? {
        if kind == "set" {
            for key in ["timeout_seconds", "retry"] where fields.object[key] != nil {
                fields.refuse(key, "a \"set\" node takes no time and cannot fail, so this means nothing")
            }
            guard let update = fields.fields("set")?.object else { return nil }
            return { _, _ in Update(partial: update) }
        }
        guard let program = program(kind, fields, folder: folder) else { return nil }
        return kind == "run"
            ? RunningProgram(program, limit: limit).update : ServingPrograms(program, limit: limit).update
    }

    private static func program(_ kind: String, _ fields: Fields, folder: String) -> Program? {
        guard let words = fields.texts(kind) else { return nil }
        guard let name = words.first, !name.isEmpty else {
            fields.refuse(kind, "expected a program and its arguments, such as [\"python3\", \"fetch.py\"]")
            return nil
        }
        let program = Program(words, environment: NodeEnvironment.inherited, folder: folder)
        if let hindrance = program.hindrance {
            fields.refuse(kind, hindrance)
            return nil
        }
        return program
    }
}

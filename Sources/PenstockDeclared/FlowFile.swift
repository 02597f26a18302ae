import PenstockEngine
import PenstockJSON
import PenstockModel

/// What a flow's file says, read into the parts of a flow.
struct FlowFile {
    static let maxBytes = 16 << 20
    private static let keys = [
        "flow", "version", "description", "reducers", "nodes", "edges", "result", "max_steps",
        "max_state_bytes", "durability", "restart", "attempts", "retention",
    ]

    /// `nil` when the file names none.
    let name: FlowName?
    /// Not to be run when there are faults: what could not be read is left out, or stood in for.
    let flow: Flow<JSONObject>

    /// Reads all that can be read; what is wrong stands in the fields' collector afterwards.
    init(_ fields: Fields, folder: String) {
        fields.refuseAll(but: Self.keys)
        _ = fields.text("description")
        if fields.object["flow"] == nil { fields.refuse("flow", "the flow has no name") }
        name = fields.text("flow").map { FlowName(unchecked: $0) }
        let nodes = Self.nodes(fields, folder)
        let (arrows, areAllRead) = Self.arrows(fields)
        let reducers = Self.reducers(fields.fields("reducers"))
        Self.checkUpdates(of: fields.object["nodes"]?.object ?? [:], by: reducers, fields)
        flow = Flow(
            declared: name ?? "unnamed", version: fields.integer("version", atLeast: 1) ?? 1,
            reducers: reducers, nodes: nodes ?? [],
            edges: arrows.compactMap { if case .edge(let edge) = $0.kind { edge } else { nil } },
            routes: arrows.compactMap { if case .route(let route) = $0.kind { route } else { nil } },
            settings: Self.settings(fields))
        for fault in flow.faults {
            if fault.isAboutNodes, nodes == nil { continue }
            if fault.isAboutWays, !areAllRead { continue }
            fields.faults.add(fault.path(among: arrows), fault.declaredSentence)
        }
    }

    private static func reducers(_ fields: Fields?) -> JSONObject {
        var reducers = JSONObject()
        for key in fields?.object.keys ?? [] { reducers[key] = fields?.text(key).map { JSON($0) } }
        return reducers
    }

    /// A fixed update that a reducer takes from no state would fail every job.
    private static func checkUpdates(
        of nodes: JSONObject, by reducers: JSONObject, _ fields: Fields
    ) {
        for (name, node) in nodes {
            for (key, value) in node["set"]?.object ?? [:] {
                let reducer = reducers[key]?.string.flatMap { JSONReducer(rawValue: $0) }
                guard let refusal = reducer?.refusal(of: value, key: key) else { continue }
                fields.faults.add("nodes.\(name).set.\(key)", refusal)
            }
        }
    }

    /// `nil` when there is no object of nodes.
    private static func nodes(_ fields: Fields, _ folder: String) -> [Node<JSONObject>]? {
        if fields.object["nodes"] == nil { fields.refuse("nodes", "the flow has no nodes") }
        return fields.fields("nodes").map { nodes in
            nodes.object.keys.map { name in
                let declared = nodes.fields(name).flatMap { DeclaredNode(name, $0, folder: folder) }
                return declared?.node ?? .unread(name)
            }
        }
    }

    private static func arrows(_ fields: Fields) -> ([Arrow], areAllRead: Bool) {
        if fields.object["edges"] == nil { fields.refuse("edges", "the flow has no edges") }
        guard let list = fields.list("edges") else { return ([], false) }
        let arrows = list.enumerated().compactMap { index, json in
            Arrow(json, place: "edges[\(index)]", fields.faults)
        }
        return (arrows, arrows.count == list.count)
    }

    private static func settings(_ fields: Fields) -> FlowSettings {
        var settings = FlowSettings()
        if let limit = fields.integer("max_state_bytes", atLeast: 2) { settings.maxStateBytes = limit }
        if let limit = fields.integer("max_steps", atLeast: 1) { settings.maxSteps = limit }
        if let word = fields.text("durability") {
            if let durability = Durability(rawValue: word) {
                settings.durability = durability
            } else {
                let words = Durability.allCases.map(\.rawValue)
                fields.refuse(
                    "durability",
                    "expected one of \(words.joined(separator: ", ")), not \"\(word)\""
                        + Nearest.suggestion(for: word, among: words))
            }
        }
        settings.resultKeys = fields.texts("result")
        if let restart = fields.flag("restart") { settings.restart = restart }
        if let attempts = fields.fields("attempts") {
            attempts.refuseAll(but: ["max_attempts"] + RetryFields.waitKeys)
            settings.attempts = RetryFields.policy(attempts, default: settings.attempts)
        }
        if let retention = fields.fields("retention") {
            retention.refuseAll(but: ["checkpoints", "days"])
            settings.retention = FlowRetention(
                checkpoints: retention.integer("checkpoints", atLeast: 0), age: retention.days("days"))
        }
        return settings
    }
}

extension Node<JSONObject> {
    /// Stands for a node that cannot be read, so that what names it can be checked all the same. It never runs.
    fileprivate static func unread(_ name: String) -> Node {
        Node(NodeName(declared: name)) { _, _ in .none }
    }
}

import PenstockEngine
import PenstockJSON
import PenstockModel

/// What a flow's file says, read into the parts of a flow.
struct FlowFile {
    static let maxBytes = 16 << 20
    private static let keys = [
        "flow", "version", "description", "reducers", "nodes", "edges", "result", "max_steps", "durability",
        "restart",
        "attempts",
    ]

    let flow: Flow<JSONObject>

    /// `nil` when too little of it can be read; what is wrong stands in the fields' collector.
    init?(_ fields: Fields, folder: String) {
        fields.refuseAll(but: Self.keys)
        _ = fields.text("description")
        let name = fields.text("flow")
        if fields.object["flow"] == nil { fields.refuse("flow", "the flow has no name") }
        let version = fields.integer("version", atLeast: 1) ?? 1
        let reducers = Self.reducers(fields.fields("reducers"))
        let nodes = Self.nodes(fields, folder)
        let arrows = (fields.list("edges") ?? []).enumerated().map { index, json in
            Arrow(json, place: "edges[\(index)]", fields.faults)
        }
        if fields.object["edges"] == nil { fields.refuse("edges", "the flow has no edges") }
        guard let name else { return nil }
        flow = Flow(
            declared: FlowName(unchecked: name), version: version, reducers: reducers, nodes: nodes,
            edges: arrows.compactMap { if case .edge(let edge)? = $0 { edge } else { nil } },
            routes: arrows.compactMap { if case .route(let route)? = $0 { route } else { nil } },
            settings: Self.settings(fields))
    }

    private static func reducers(_ fields: Fields?) -> [String: String] {
        guard let fields else { return [:] }
        return Dictionary(uniqueKeysWithValues: fields.object.keys.map { ($0, fields.text($0) ?? "replace") })
    }

    private static func nodes(_ fields: Fields, _ folder: String) -> [Node<JSONObject>] {
        guard let nodes = fields.fields("nodes") else {
            if fields.object["nodes"] == nil { fields.refuse("nodes", "the flow has no nodes") }
            return []
        }
        return nodes.object.keys.compactMap { name in
            nodes.fields(name).flatMap { DeclaredNode(name, $0, folder: folder)?.node }
        }
    }

    private static func settings(_ fields: Fields) -> FlowSettings {
        var settings = FlowSettings()
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
            attempts.refuseAll(but: RetryFields.waitKeys)
            settings.attempts = RetryFields.policy(attempts, default: settings.attempts)
        }
        return settings
    }
}

/// How waits between tries are declared.
enum RetryFields {
    static let waitKeys = ["backoff_seconds", "multiplier", "max_backoff_seconds", "jitter"]

    static func policy(_ fields: Fields, default policy: RetryPolicy) -> RetryPolicy {
        var policy = policy
        if let attempts = fields.integer("max_attempts", atLeast: 1) { policy.maxAttempts = attempts }
        if let first = fields.seconds("backoff_seconds") { policy.firstDelay = first }
        if let multiplier = fields.number("multiplier", atLeast: 1) { policy.multiplier = multiplier }
        if let longest = fields.seconds("max_backoff_seconds") { policy.maxDelay = longest }
        if let jitter = fields.flag("jitter") { policy.jitter = jitter }
        return policy
    }
}

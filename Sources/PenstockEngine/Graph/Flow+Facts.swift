package import PenstockJSON
import PenstockModel

extension Flow {
    /// What the flow is made of, for people and programs: name, version, nodes, edges, routes, reducers,
    /// settings.
    package var facts: JSONObject {
        [
            "flow": JSON(name.text),
            "version": JSON(version),
            "nodes": .array(nodes.map { .object($0.facts) }),
            "edges": .array(edges.map { [JSON($0.source.text), JSON($0.target.text)] }),
            "routes": .array(
                routes.map { route in
                    var facts = route.declaration
                    facts["from"] = JSON(route.source.text)
                    facts["to"] = .array(route.targets.map { JSON($0.text) })
                    return .object(facts)
                }),
            "reducers": .object(JSONObject(shape.reducerNames.map { ($0.key, JSON($0.name)) })),
            "max_steps": JSON(settings.maxSteps), "max_state_bytes": JSON(settings.maxStateBytes),
            "durability": JSON(settings.durability.rawValue),
            "restart": JSON(settings.restart),
            "retention": .object(settings.retention.facts),
            "result": settings.resultKeys.map { .array($0.map { JSON($0) }) } ?? .null,
        ]
    }
}

extension FlowRetention {
    fileprivate var facts: JSONObject {
        var facts: JSONObject = [:]
        if let checkpoints { facts["checkpoints"] = JSON(checkpoints) }
        if let age { facts["days"] = JSON(age.inSeconds / 86_400) }
        return facts
    }
}

extension Node {
    fileprivate var facts: JSONObject {
        var facts: JSONObject = ["name": JSON(name.text), "max_attempts": JSON(retryPolicy.maxAttempts)]
        if let timeLimit { facts["timeout_seconds"] = JSON(timeLimit.inSeconds) }
        facts.merge(declaration)
        return facts
    }
}

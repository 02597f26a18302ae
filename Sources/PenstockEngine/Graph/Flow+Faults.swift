import PenstockModel

extension Flow {
    /// All that is wrong with the flow, at once; empty when it can run.
    public var faults: [FlowFault] {
        var faults: [FlowFault] = []
        if !FlowName.accepts(name.text) { faults.append(.invalidFlowName(name.text)) }
        if version < 1 { faults.append(.invalidVersion(version)) }
        if settings.maxStateBytes < 2 {
            faults.append(
                .invalidSetting("maxStateBytes is at least 2; this flow has \(settings.maxStateBytes)"))
        }
        if settings.maxSteps < 1 {
            faults.append(.invalidSetting("maxSteps is at least 1; this flow has \(settings.maxSteps)"))
        }
        if let count = settings.retention.checkpoints, count < 0 {
            faults.append(
                .invalidSetting("retention keeps 0 checkpoints (all) or more; this flow has \(count)"))
        }
        if let age = settings.retention.age, age < .zero {
            faults.append(.invalidSetting("retention has an age of 0 (all) or more; this flow has \(age)"))
        }
        faults += FlowGraph(self).faults
        faults += nodes.flatMap(\.faults)
        let ofState = shape.faults()
        faults += ofState
        if ofState.isEmpty {
            faults += (settings.resultKeys ?? []).compactMap { key in
                shape.refusal(key).map { .unknownResultKey(key, suggestion: $0) }
            }
        }
        return faults
    }
}

extension Node {
    fileprivate var faults: [FlowFault] {
        var faults: [FlowFault] = []
        if retryPolicy.maxAttempts < 1 {
            faults.append(
                .invalidNode(
                    name, reason: "is to be tried \(retryPolicy.maxAttempts) times; once is the least"))
        }
        if let timeLimit, timeLimit <= .zero {
            faults.append(
                .invalidNode(name, reason: "has a timeout of \(timeLimit), which is over before it begins"))
        }
        return faults
    }
}

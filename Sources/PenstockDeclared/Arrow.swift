import PenstockEngine
import PenstockJSON
import PenstockModel

/// An element of a flow's `edges`: `["price", "ship"]`, or a route by the value of one key of the state.
enum Arrow {
    case edge(Edge)
    case route(Route<JSONObject>)

    private static let keys = ["from", "route", "to", "else"]

    /// `nil` when it cannot be read; why stands in `faults`.
    init?(_ json: JSON, place: String, _ faults: FaultCollector) {
        if let pair = json.array {
            let names = pair.compactMap(\.string)
            guard pair.count == 2, names.count == 2 else {
                faults.add(place, "an edge is a pair of names such as [\"price\", \"ship\"]")
                return nil
            }
            self = .edge(Edge(NodeName(declared: names[0]), NodeName(declared: names[1])))
            return
        }
        guard let object = json.object else {
            faults.add(place, "expected a pair of names or a route, not \(json.kind)")
            return nil
        }
        let fields = Fields(object, path: place, faults: faults)
        fields.refuseAll(but: Self.keys)
        for key in ["from", "route", "to"] where object[key] == nil {
            fields.refuse(key, "a route needs this key")
        }
        let otherwise = fields.text("else").map(NodeName.init(declared:))
        guard let source = fields.text("from"), let key = fields.text("route"), let ways = fields.fields("to")
        else {
            return nil
        }
        var targets: [String: NodeName] = [:]
        for value in ways.object.keys { targets[value] = ways.text(value).map(NodeName.init(declared:)) }
        self = .route(Self.route(from: NodeName(declared: source), by: key, to: targets, otherwise))
    }

    private static func route(
        from source: NodeName, by key: String, to targets: [String: NodeName], _ otherwise: NodeName?
    ) -> Route<JSONObject> {
        let all = Set(targets.values).union(otherwise.map { [$0] } ?? []).sorted()
        return Route(source, to: all) { state in
            let value = state[key]
            // A string stands for itself; a number, true, false and null for what JSON writes.
            let text = value?.string ?? value?.text
            if let text, let target = targets[text] { return target }
            if let otherwise { return otherwise }
            throw PermanentFailure(
                "the route from \(source) knows no way for \(key) = \(text ?? "nothing"), only for "
                    + targets.keys.sorted().joined(separator: ", "))
        }
    }
}

extension NodeName {
    /// A name as files have it: `START` and `END` are the two ends.
    fileprivate init(declared text: String) {
        switch text {
        case "START": self = .start
        case "END": self = .end
        default: self.init(unchecked: text)
        }
    }
}

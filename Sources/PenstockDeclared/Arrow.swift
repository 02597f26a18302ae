import PenstockEngine
import PenstockJSON
import PenstockModel

/// An element of a flow's `edges`: `["price", "ship"]`, or a route by the value of one key of the state.
struct Arrow {
    enum Kind {
        case edge(Edge)
        case route(Route<JSONObject>)
    }

    /// Where it stands in the file, such as `edges[2]`.
    let place: String
    let source: NodeName
    let targets: [NodeName]
    let kind: Kind

    private static let keys = ["from", "route", "to", "else"]

    /// `nil` when it cannot be read in full; why stands in `faults`.
    init?(_ json: JSON, place: String, _ faults: FaultCollector) {
        self.place = place
        if let pair = json.array {
            let names = pair.compactMap(\.string).map(NodeName.init(declared:))
            guard pair.count == 2, names.count == 2 else {
                faults.add(place, "an edge is a pair of names such as [\"price\", \"ship\"]")
                return nil
            }
            source = names[0]
            targets = [names[1]]
            kind = .edge(Edge(names[0], names[1]))
            return
        }
        guard let object = json.object else {
            faults.add(place, "expected a pair of names or a route, not \(json.kind)")
            return nil
        }
        let earlier = faults.count
        let fields = Fields(object, path: place, faults: faults)
        fields.refuseAll(but: Self.keys)
        for key in ["from", "route", "to"] where object[key] == nil {
            fields.refuse(key, "a route needs this key")
        }
        let source = fields.text("from").map(NodeName.init(declared:))
        let key = fields.text("route")
        let otherwise = fields.text("else").map(NodeName.init(declared:))
        // Told apart by their bytes, as the keys of a state are.
        var ways = JSONObject()
        if let to = fields.fields("to") {
            for value in to.object.keys { ways[value] = to.text(value).map { JSON($0) } }
        }
        guard let source, let key, faults.count == earlier else { return nil }
        let targets = Set(ways.compactMap { $0.value.string.map(NodeName.init(declared:)) }).union(
            otherwise.map { [$0] } ?? []
        ).sorted()
        self.source = source
        self.targets = targets
        var route = Route<JSONObject>(source, to: targets) { [ways] state in
            try Self.way(for: state[key], of: key, among: ways, otherwise)
        }
        route.declaration = [
            "route": JSON(key),
            "ways": .object(
                JSONObject(
                    ways.sorted { $0.key < $1.key }.map {
                        ($0, JSON(NodeName(declared: $1.string ?? "").text))
                    })),
            "else": otherwise.map { JSON($0.text) } ?? .null,
        ]
        kind = .route(route)
    }

    private static func way(
        for value: JSON?, of key: String, among ways: JSONObject, _ otherwise: NodeName?
    ) throws -> NodeName {
        // A string stands for itself; a number, true, false and null for what JSON writes.
        let text = value?.string ?? value?.text
        if let way = text.flatMap({ ways[$0]?.string }).map(NodeName.init(declared:)) ?? otherwise {
            return way
        }
        let known = ways.keys.sorted().joined(separator: ", ")
        guard let text else {
            throw PermanentFailure("the state has no \"\(key)\" to choose a way by, of \(known)")
        }
        let shown = text.count > 60 ? "\(text.prefix(60))…" : text
        throw PermanentFailure("there is no way for \"\(key)\" = \(shown), only for \(known)")
    }
}

extension NodeName {
    /// A name as files have it: `START` and `END` are the two ends.
    init(declared text: String) {
        switch text {
        case "START": self = .start
        case "END": self = .end
        default: self.init(unchecked: text)
        }
    }

    /// The name as files have it.
    var declared: String {
        switch self {
        case .start: "START"
        case .end: "END"
        default: text
        }
    }
}

import PenstockEngine
import PenstockModel

// What an engine says about a flow, said about its file.

extension FlowFault {
    /// Whether it can be that an arrow which could not be read would have mended it.
    var isAboutWays: Bool {
        switch self {
        case .noWayFromStart, .noWayToEnd, .unreachable, .noExit, .noWayOut: true
        default: false
        }
    }

    /// Whether it can be that a node which could not be read would have mended it.
    var isAboutNodes: Bool {
        switch self {
        case .noNodes, .unknownNode: true
        default: false
        }
    }

    /// The way to it in the file.
    func path(among arrows: [Arrow]) -> String {
        switch self {
        case .invalidFlowName: "flow"
        case .invalidVersion: "version"
        case .noNodes: "nodes"
        case .invalidNodeName(let name): "nodes.\(name)"
        case .reservedName(let name), .duplicateNode(let name), .invalidNode(let name, _),
            .unreachable(let name), .noExit(let name), .noWayOut(let name):
            "nodes.\(name.declared)"
        case .noWayFromStart, .noWayToEnd: "edges"
        case .unknownNode(let name, _, _):
            place(among: arrows) { $0.source == name || $0.targets.contains(name) }
        case .noNodeBetween: place(among: arrows) { $0.source == .start && $0.targets.contains(.end) }
        case .startAsTarget(let source):
            place(among: arrows) { $0.source == source && $0.targets.contains(.start) }
        case .endAsSource: place(among: arrows) { $0.source == .end }
        case .severalEdges(let source), .edgeAndRoute(let source), .severalRoutes(let source):
            place(among: arrows.reversed()) { $0.source == source }
        case .emptyRoute(let source):
            place(among: arrows) { $0.source == source && $0.targets.isEmpty }
        case .duplicateReducer(let key), .unknownReducerKey(let key, _, _), .unknownReducer(_, let key, _):
            "reducers.\(key)"
        case .unknownResultKey: "result"
        case .invalidSetting, .unusableState: ""
        }
    }

    private func place(among arrows: [Arrow], where condition: (Arrow) -> Bool) -> String {
        arrows.first(where: condition)?.place ?? "edges"
    }

    /// What is wrong, in the words of a file where the engine has those of Swift.
    var declaredSentence: String {
        switch self {
        case .unknownNode(let name, _, let suggestion):
            "there is no node \"\(name)\"\(suggestion)"
        case .reservedName(let name):
            "no node can be called \(name.declared): that is one of the two ends"
        case .noWayFromStart:
            "nothing leads out of START: add [\"START\", …]"
        case .noExit(let name):
            "nothing leads out of this node: add [\"\(name)\", \"END\"] if it is the last"
        case .severalEdges(let source):
            "several edges leave \(source.declared): one step follows another, so choose by a route"
        case .edgeAndRoute(let source):
            "an edge and a route leave \(source.declared): name the edge's target in the route's \"else\""
        default:
            description
        }
    }
}

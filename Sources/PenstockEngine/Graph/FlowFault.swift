public import PenstockModel

/// Something wrong with a flow, found before anything runs.
public enum FlowFault: Error, Hashable, Sendable {
    /// The flow's name has other characters than names have, or too many.
    case invalidFlowName(String)
    /// The version is below 1.
    case invalidVersion(Int)
    /// A setting has a value that it cannot have.
    case invalidSetting(String)
    /// The flow has no nodes.
    case noNodes
    /// A node's name has other characters than names have, or too many.
    case invalidNodeName(String)
    /// A node is called like one of the two ends.
    case reservedName(NodeName)
    /// Two nodes have one name.
    case duplicateNode(NodeName)
    /// A node cannot be tried less than once, or end before it begins.
    case invalidNode(NodeName, reason: String)
    /// An edge or a route names a node that there is not.
    case unknownNode(NodeName, place: String, suggestion: String)
    /// Nothing leads out of START.
    case noWayFromStart
    /// No way leads from START to END.
    case noWayToEnd
    /// START leads to END at once.
    case noNodeBetween
    /// Something leads to START.
    case startAsTarget(from: NodeName)
    /// Something leads out of END.
    case endAsSource
    /// Two fixed edges leave one node.
    case severalEdges(from: NodeName)
    /// An edge and a route leave one node.
    case edgeAndRoute(from: NodeName)
    /// Two routes leave one node.
    case severalRoutes(from: NodeName)
    /// A route has no targets.
    case emptyRoute(from: NodeName)
    /// No way leads from START to a node.
    case unreachable(NodeName)
    /// Nothing leads out of a node.
    case noExit(NodeName)
    /// Something leads out of a node, but never to END.
    case noWayOut(NodeName)
    /// Two reducers have one key.
    case duplicateReducer(key: String)
    /// The state does not have a reducer's key.
    case unknownReducerKey(String, state: String, suggestion: String)
    /// There is no reducer of that name.
    case unknownReducer(String, key: String, suggestion: String)
    /// The state does not have a key of the result.
    case unknownResultKey(String, suggestion: String)
    /// The state type's default cannot be written as a JSON object and read back.
    case unusableState(type: String, reason: String)
}

extension FlowFault: CustomStringConvertible {
    /// What is wrong, and with what.
    public var description: String {
        switch self {
        case .invalidFlowName(let name):
            IdentifierFaults.sentence(for: FlowName.self, name)
        case .invalidVersion(let version):
            "a flow's version is counted from 1; this one is \(version)"
        case .invalidSetting(let sentence):
            sentence
        case .noNodes:
            "the flow has no nodes"
        case .invalidNodeName(let name):
            IdentifierFaults.sentence(for: NodeName.self, name)
        case .reservedName(let name):
            "no node can be called \(name): that is one of the two ends"
        case .duplicateNode(let name):
            "two nodes are called \(name)"
        case .invalidNode(let name, let reason):
            "node \(name) \(reason)"
        case .unknownNode(let name, let place, let suggestion):
            "\(place) names \"\(name)\", and there is no such node\(suggestion)"
        case .noWayFromStart:
            "nothing leads out of START: add Edge(.start, …)"
        case .noWayToEnd:
            "no way leads from START to END"
        case .noNodeBetween:
            "START leads to END without a node between them"
        case .startAsTarget(let source):
            "\(source.shown) leads to START, which nothing can: name the node to go back to"
        case .endAsSource:
            "something leads out of END, where every run is over"
        case .severalEdges(let source):
            "several edges leave \(source.shown): one step follows another, so use a Route to choose"
        case .edgeAndRoute(let source):
            "an edge and a route leave \(source.shown): make the edge's target one of the route's"
        case .severalRoutes(let source):
            "several routes leave \(source.shown): make them one"
        case .emptyRoute(let source):
            "the route from \(source.shown) has no targets"
        case .unreachable(let name):
            "no way leads from START to node \(name)"
        case .noExit(let name):
            "nothing leads out of node \(name): add Edge(\"\(name)\", .end) if it is the last"
        case .noWayOut(let name):
            "no way leads from node \(name) to END: the run could never be over"
        case .duplicateReducer(let key):
            "two reducers are for the key \"\(key)\""
        case .unknownReducerKey(let key, let state, let suggestion):
            "a reducer is for the key \"\(key)\", which the state \(state) does not have\(suggestion)"
        case .unknownReducer(let name, let key, let suggestion):
            "the reducer \"\(name)\" of the key \"\(key)\" is none of append, sum, merge, min, max, replace"
                + suggestion
        case .unknownResultKey(let key, let suggestion):
            "the result is to have the key \"\(key)\", which the state does not have\(suggestion)"
        case .unusableState(let type, let reason):
            "the default of the state \(type) cannot be written and read back: \(reason)"
        }
    }
}

/// The sentence that refuses a name.
private enum IdentifierFaults {
    static func sentence<Kind>(for type: Identifier<Kind>.Type, _ text: String) -> String {
        do {
            _ = try Identifier<Kind>(checking: text)
            return "\"\(text)\" is a \(Kind.noun)"
        } catch {
            return "\(error)"
        }
    }
}

extension NodeName {
    /// For sentences: `START` and `END` as people call them.
    var shown: String {
        switch self {
        case .start: "START"
        case .end: "END"
        default: "node \(text)"
        }
    }
}

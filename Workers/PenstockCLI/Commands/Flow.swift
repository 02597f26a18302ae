import Penstock
import PenstockEngine
import PenstockJSON
import PenstockModel

extension Command {
    private static let folder = Word(name: "DIR", isRequired: false)

    static let flowList = Command(
        name: "flow list",
        summary: "list the declared flows of a folder",
        words: [folder],
        settings: [.work],
        printsData: true,
        notes: "The folder is --flows unless it is named."
    ) { invocation in
        let runners = try invocation.declaredFlows(at: 0)
        var table = Table(["FLOW", "VERSION#", "NODES#"])
        for runner in runners {
            table.add([
                runner.name.text, "\(runner.version)", "\(runner.facts["nodes"]?.array?.count ?? 0)",
            ])
        }
        invocation.output.show(.array(runners.map { .object($0.facts) }), table.text)
        return .done
    }

    static let flowShow = Command(
        name: "flow show",
        summary: "show a declared flow: what its nodes do, edges, routes and reducers",
        words: [Word(name: "FLOW"), folder],
        flags: [Flag("mermaid", .none, "print the graph in the language of Mermaid")],
        settings: [.work],
        printsData: true
    ) { invocation in
        let name: FlowName = try invocation.identifier(0)
        let runners = try invocation.declaredFlows(at: 1)
        guard let runner = runners.first(where: { $0.name == name }) else {
            throw Failure.failed(
                "there is no flow \"\(name)\""
                    + Nearest.suggestion(for: name.text, among: runners.map(\.name.text)),
                "there are: " + runners.map(\.name.text).joined(separator: ", "))
        }
        if invocation.arguments.has("mermaid") {
            invocation.output.write(runner.mermaid)
        } else {
            invocation.output.show(.object(runner.facts), runner.card)
        }
        return .done
    }

    static let flowCheck = Command(
        name: "flow check",
        summary: "tell all that is wrong with the declared flows of a folder",
        words: [folder],
        settings: [.work],
        printsData: true,
        notes: "Ends with 1 if anything is wrong."
    ) { invocation in
        var faults: [String] = []
        var count = 0
        do throws(FlowSetError) {
            count = try FlowSet(try invocation.settings(withFlowsAt: 0).declaredFlows()).flows.count
        } catch {
            faults = error.faults
        }
        invocation.output.show(
            ["flows": JSON(count), "faults": .array(faults.map { JSON($0) })],
            faults.isEmpty
                ? "\(count) flow\(count == 1 ? "" : "s"), nothing wrong\n" : faults.map { $0 + "\n" }.joined()
        )
        return faults.isEmpty ? .done : .failed
    }
}

extension Invocation {
    /// The settings with the folder that a word names, where there is one.
    fileprivate func settings(withFlowsAt index: Int) -> Settings {
        var settings = settings
        if !word(index).isEmpty { settings.flows = word(index) }
        return settings
    }

    fileprivate func declaredFlows(at index: Int) throws(Failure) -> [FlowRunner] {
        let settings = settings(withFlowsAt: index)
        guard settings.flows != nil else {
            throw .misused("name the folder with the flows, or say --flows DIR")
        }
        do throws(FlowSetError) {
            return try settings.declaredFlows().map(\.runner)
        } catch {
            throw .failed(error.description)
        }
    }
}

extension FlowRunner {
    /// `fetch: run python3 fetch.py, at most 30 s, at most 3 tries`
    private static func line(of node: JSON) -> String {
        var parts: [String] = []
        for kind in ["run", "serve"] {
            guard let words = node[kind]?.array else { continue }
            parts.append("\(kind) \(words.compactMap(\.string).joined(separator: " "))")
        }
        if let update = node["set"] { parts.append("set \(update.text)") }
        parts = parts.map { $0.oneLine.cut(to: 80) }
        if let limit = node["timeout_seconds"] { parts.append("at most \(limit.text) s") }
        if let tries = node["max_attempts"]?.int, tries > 1 { parts.append("at most \(tries) tries") }
        let name = node["name"]?.string ?? ""
        return parts.isEmpty ? name : "\(name): \(parts.joined(separator: ", "))"
    }

    fileprivate var card: String {
        var card = Card()
        card.add("flow", name.text)
        card.add("version", "\(version)")
        card.add("nodes", facts["nodes"]?.array?.map(Self.line(of:)).joined(separator: "\n"))
        func shown(_ node: JSON?) -> String {
            switch node?.string {
            case NodeName.start.text: "START"
            case NodeName.end.text: "END"
            case let name: name ?? ""
            }
        }
        let edges = facts["edges"]?.array?.map { "\(shown($0[0])) → \(shown($0[1]))" } ?? []
        let routes = facts["routes"]?.array?.map { route in
            guard let key = route["route"]?.string else {
                let targets = route["to"]?.array?.map(shown).joined(separator: " or ") ?? ""
                return "\(shown(route["from"])) → \(targets)"
            }
            var ways = route["ways"]?.object?.map { "\($0.key.oneLine) → \(shown($0.value))" } ?? []
            if let otherwise = route["else"], !otherwise.isNull { ways.append("else → \(shown(otherwise))") }
            return "\(shown(route["from"])) by \(key.oneLine): \(ways.joined(separator: ", "))"
        }
        card.add("edges", edges.joined(separator: "\n"))
        card.add("routes", routes?.joined(separator: "\n"))
        card.add(
            "reducers",
            facts["reducers"]?.object?.map { "\($0.key): \($0.value.string ?? "")" }.joined(separator: "\n"))
        return card.text
    }
}

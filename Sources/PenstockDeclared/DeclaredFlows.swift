import Foundation
package import PenstockEngine
import PenstockJSON
import PenstockModel

/// The flows that the files of a folder declare.
package struct DeclaredFlows: Sendable {
    package let flows: [any RunnableFlow]
    /// All that is wrong with the files, at once; a worker does not start unless this is empty.
    package let faults: [DeclaredFault]

    /// Reads every `*.json` of the folder, in order of their names.
    package init(folder: String) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }.sorted()
        } catch {
            self.init(
                flows: [],
                faults: [
                    DeclaredFault(file: folder, path: "", sentence: "this is no folder that can be read")
                ])
            return
        }
        guard !names.isEmpty else {
            self.init(
                flows: [],
                faults: [
                    DeclaredFault(
                        file: folder, path: "", sentence: "the folder has no *.json file that declares a flow"
                    )
                ])
            return
        }
        self.init(files: names.map { folder + "/" + $0 })
    }

    package init(files: [String]) {
        var flows: [any RunnableFlow] = []
        var faults: [DeclaredFault] = []
        var places: [FlowName: String] = [:]
        for file in files {
            switch Self.read(file) {
            case .failure(let found): faults += found.faults
            case .success(let flow):
                if let other = places[flow.name] {
                    faults.append(
                        DeclaredFault(
                            file: file, path: "flow",
                            sentence: "the flow \(flow.name) is declared in \(other) too"))
                }
                places[flow.name] = file
                flows.append(flow)
            }
        }
        self.init(flows: flows, faults: faults)
    }

    private init(flows: [any RunnableFlow], faults: [DeclaredFault]) {
        self.flows = flows
        self.faults = faults
    }

    private struct Faults: Error {
        let faults: [DeclaredFault]
    }

    private static func read(_ file: String) -> Result<Flow<JSONObject>, Faults> {
        func fault(_ sentence: String) -> Result<Flow<JSONObject>, Faults> {
            .failure(Faults(faults: [DeclaredFault(file: file, path: "", sentence: sentence)]))
        }
        guard let content = FileManager.default.contents(atPath: file) else {
            return fault("the file cannot be read")
        }
        let json: JSON
        do {
            json = try JSON(parsing: [UInt8](content), limits: .message(bytes: FlowFile.maxBytes))
        } catch {
            return fault("\(error)")
        }
        guard let object = json.object else {
            return fault("a flow's file holds a JSON object, not \(json.kind)")
        }
        let collector = FaultCollector(file: file)
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        let flow = FlowFile(Fields(object, path: "", faults: collector), folder: folder)?.flow
        let found =
            collector.faults
            + (collector.faults.isEmpty ? flow?.faults ?? [] : []).map {
                DeclaredFault(file: file, path: "", sentence: $0.description)
            }
        guard let flow, found.isEmpty else { return .failure(Faults(faults: found)) }
        return .success(flow)
    }
}

import FoundationEssentials
package import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPlatform

/// The flows that the files of a folder declare.
package struct DeclaredFlows: Sendable {
    /// Those of the files without fault.
    package private(set) var flows: [any RunnableFlow] = []
    /// All that is wrong with the files, at once; a worker does not start unless this is empty.
    package private(set) var faults: [DeclaredFault] = []

    /// Reads every `*.json` of the folder, in order of their names. A relative path counts from the working directory as it
    /// is now.
    package init(folder: String) {
        let folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        do {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }.sorted()
            self.init(files: names.map { folder + "/" + $0 })
            if names.isEmpty { refuse(folder, "the folder has no *.json file that declares a flow") }
        } catch {
            self.init(files: [])
            let reason = FileContents.hindrance(toListing: folder) ?? "\(error)"
            refuse(folder, "this is no folder that can be read: \(reason)")
        }
    }

    private mutating func refuse(_ folder: String, _ sentence: String) {
        faults.append(DeclaredFault(file: folder, path: "", sentence: sentence))
    }

    package init(files: [String]) {
        var places: [FlowName: String] = [:]
        for file in files {
            let collector = FaultCollector(file: file)
            if let read = Self.read(file, collector) {
                if let name = read.name, let other = places.updateValue(file, forKey: name) {
                    collector.add("flow", "the flow \(name) is declared in \(other) too")
                }
                if collector.faults.isEmpty { flows.append(read.flow) }
            }
            faults += collector.faults
        }
    }

    /// `nil` when the file holds no JSON object.
    private static func read(_ file: String, _ collector: FaultCollector) -> FlowFile? {
        guard let content = FileManager.default.contents(atPath: file) else {
            collector.add("", "the file cannot be read")
            return nil
        }
        do {
            let json = try JSON(parsing: [UInt8](content), limits: .message(bytes: FlowFile.maxBytes))
            guard let object = json.object else {
                collector.add("", "a flow's file holds a JSON object, not \(json.kind)")
                return nil
            }
            let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
            return FlowFile(Fields(object, path: "", faults: collector), folder: folder)
        } catch {
            collector.add("", "\(error)")
            return nil
        }
    }
}

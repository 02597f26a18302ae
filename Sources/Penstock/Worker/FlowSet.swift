package import PenstockEngine
import PenstockModel

/// The flows of a worker, each without a fault and of a name of its own.
package struct FlowSet: Sendable {
    package let flows: [any RunnableFlow]

    /// - Throws: ``FlowSetError`` with all that is wrong with them.
    package init(_ flows: [any RunnableFlow]) throws(FlowSetError) {
        var faults: [String] = []
        var names: Set<FlowName> = []
        for runner in flows.map(\.runner) {
            faults += runner.faults.map { "flow \(runner.name): \($0)" }
            if !names.insert(runner.name).inserted { faults.append("two flows are called \(runner.name)") }
        }
        if flows.isEmpty { faults.append("there is no flow to run") }
        guard faults.isEmpty else { throw FlowSetError(faults: faults) }
        self.flows = flows
    }
}

/// Why flows cannot be run: everything that is wrong with them.
package struct FlowSetError: Error, Hashable, Sendable, CustomStringConvertible {
    package let faults: [String]

    package var description: String { faults.joined(separator: "\n") }
}

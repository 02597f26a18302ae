import PenstockDeclared
package import PenstockEngine

extension Settings {
    /// The flows that are declared in the folder of the settings; none where no folder is set.
    ///
    /// - Throws: ``FlowSetError`` with all that is wrong with them, each with its file.
    package func declaredFlows() throws(FlowSetError) -> [any RunnableFlow] {
        guard let flows else { return [] }
        let declared = DeclaredFlows(folder: flows)
        guard declared.faults.isEmpty else {
            throw FlowSetError(faults: declared.faults.map(\.description))
        }
        return declared.flows
    }
}

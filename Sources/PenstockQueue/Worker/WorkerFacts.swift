package import PenstockModel

/// What a worker says about itself when it registers.
package struct WorkerFacts: Sendable {
    package var host: String
    package var pid: Int
    package var flows: [FlowName]
    package var slots: Int
    package var version: String
    /// Which store it works on, for people.
    package var store: String

    package init(
        host: String, pid: Int, flows: [FlowName], slots: Int, version: String, store: String = ""
    ) {
        self.host = host
        self.pid = pid
        self.flows = flows
        self.slots = slots
        self.version = version
        self.store = store
    }
}

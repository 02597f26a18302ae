/// Where the events of a run go.
package struct FlowEvents: Sendable {
    /// Whether anybody listens now: what nobody wants is not made.
    let isWanted: @Sendable () -> Bool
    /// Whether they are to carry the state: it is encoded for them.
    let wantsStates: Bool
    private let tell: @Sendable (FlowEvent) -> Void

    package init(
        wantsStates: Bool = true, isWanted: @escaping @Sendable () -> Bool = { true },
        _ tell: @escaping @Sendable (FlowEvent) -> Void
    ) {
        self.wantsStates = wantsStates
        self.isWanted = isWanted
        self.tell = tell
    }

    func callAsFunction(_ event: @autoclosure () -> FlowEvent) {
        if isWanted() { tell(event()) }
    }
}

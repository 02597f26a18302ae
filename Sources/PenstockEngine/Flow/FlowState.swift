/// What a flow works on: a value with a default for every key, written as JSON after every node.
///
/// ```swift
/// struct Order: FlowState {
///     var items: [String] = []
///     var cents = 0
///     var log: [String] = []
///     static let reducers: [Reducer<Order>] = [.append(\.log), .sum(\.cents)]
/// }
/// ```
///
/// Keys may come and go between versions: a stored state that lacks a key takes the default, and a key that
/// this type does not have is kept as it is and written back.
public protocol FlowState: Codable, Sendable {
    /// The state that a new session starts from.
    init()

    /// How keys take new values; a key without a reducer is replaced.
    static var reducers: [Reducer<Self>] { get }
}

extension FlowState {
    /// None: every key is replaced.
    public static var reducers: [Reducer<Self>] { [] }
}

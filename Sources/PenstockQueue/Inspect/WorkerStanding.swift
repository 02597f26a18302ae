package import PenstockModel

/// What a worker says about itself, and how long ago it last did.
package struct WorkerStanding: Sendable {
    package let id: String
    package let host: String?
    package let pid: Int?
    package let version: String?
    package let queues: [String]
    package let flows: [String]
    package let slots: Int
    /// Which store it works on, for people.
    package let store: String?
    /// Claims in its processing lists.
    package let processing: Int
    package let since: Timestamp?
    /// How old its last beat is by Redis' clock.
    package let beatAge: Duration
}

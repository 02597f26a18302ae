import Penstock

/// Stands for the services that flows call: it answers a second call of the same key like the first, and does nothing more.
actor Shop {
    private let centsOf: [String: Int]
    private var charges: [String: Int] = [:]
    private var parcels: [String: String] = [:]
    private var calls = 0

    init(centsOf: [String: Int]) {
        self.centsOf = centsOf
    }

    /// The card terminal did not answer: trying again may help.
    struct TerminalBusy: Error {}

    func price(of items: [String]) throws -> Int {
        var sum = 0
        for item in items {
            guard let cents = centsOf[item] else {
                // However often it is tried: the job is buried at once.
                throw PermanentFailure(
                    "there is no \"\(item)\" here; there are: \(centsOf.keys.sorted().joined(separator: ", "))"
                )
            }
            sum += cents
        }
        return sum
    }

    func charge(_ cents: Int, idempotencyKey: String) throws {
        guard charges[idempotencyKey] == nil else { return }
        calls += 1
        // Every third call, so that there is something to try again.
        if calls.isMultiple(of: 3) { throw TerminalBusy() }
        charges[idempotencyKey] = cents
    }

    func ship(_ items: [String], idempotencyKey: String) -> String {
        if let parcel = parcels[idempotencyKey] { return parcel }
        let parcel = "parcel-\(parcels.count + 1)"
        parcels[idempotencyKey] = parcel
        return parcel
    }
}

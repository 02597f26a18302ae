package import PenstockModel

/// In what order a worker looks into its queues.
package struct QueueOrder: Hashable, Sendable {
    package let names: [QueueName]
    /// How often a queue comes first, against the others; `nil` for strict order: a job is claimed from the first that has one.
    package let weights: [Int]?

    package init(_ names: [QueueName], weights: [Int]? = nil) {
        precondition(weights.map { $0.count == names.count && $0.allSatisfy { $0 > 0 } } != false)
        self.names = names
        self.weights = weights
    }

    /// The indices of the queues in the order of one look. By weights each place is drawn from those that are left, so that none is
    /// starved.
    package func order() -> [Int] {
        var random = SystemRandomNumberGenerator()
        return order(using: &random)
    }

    package func order(using random: inout some RandomNumberGenerator) -> [Int] {
        var left = Array(names.indices)
        guard let weights else { return left }
        var order: [Int] = []
        while !left.isEmpty {
            var point = Int.random(in: 0..<left.reduce(0) { $0 + weights[$1] }, using: &random)
            var place = 0
            while point >= weights[left[place]] {
                point -= weights[left[place]]
                place += 1
            }
            order.append(left.remove(at: place))
        }
        return order
    }
}

extension QueueOrder: ExpressibleByArrayLiteral {
    package init(arrayLiteral names: QueueName...) {
        self.init(names)
    }
}

import Penstock

/// What is known of an order. The log grows: what a node gives for it comes behind what is there.
struct Order: FlowState {
    var items: [String] = []
    var cents = 0
    var status = "new"
    var log: [String] = []

    static let reducers: [Reducer<Order>] = [.append(\.log)]
}

/// Prices an order, charges it unless it is free, and ships it.
///
/// A worker may die anywhere in it: another one goes on after the last node that was completed. The node at which it died runs
/// again, so whatever it does outside carries its idempotency key.
func order(from shop: Shop) -> Flow<Order> {
    Flow("order", version: 1) {
        Node("price") { order, _ in
            let cents = try await shop.price(of: order.items)
            return Update(\.cents, cents).and(\.log, ["priced at \(cents) cents"])
        }
        Node("charge") { order, context in
            try await shop.charge(order.cents, idempotencyKey: context.idempotencyKey)
            return Update(\.log, ["charged"])
        }
        .retry(.exponential(maxAttempts: 5, firstDelay: .milliseconds(100)))
        .timeout(.seconds(10))
        Node("ship") { order, context in
            let parcel = await shop.ship(order.items, idempotencyKey: context.idempotencyKey)
            context.annotate("parcel", JSON(parcel))
            return Update(\.status, "shipped").and(\.log, ["shipped as \(parcel)"])
        }
        Edge(.start, "price")
        Route("price", to: ["charge", "ship"]) { $0.cents > 0 ? "charge" : "ship" }
        Edge("charge", "ship")
        Edge("ship", .end)
    }
    .result("cents", "status", "log")
}

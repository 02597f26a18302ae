import PenstockCheckpointers
import PenstockEngine
import PenstockModel
import Testing

private struct Order: FlowState {
    var items: [String] = []
    var cents = 0
    var log: [String] = []
    static let reducers: [Reducer<Order>] = [.append(\.log), .sum(\.cents)]
}

private struct Catalogue: Sendable {
    func price(of items: [String]) async throws -> Int { items.count * 100 }
}

private struct Carrier: Sendable {
    func ship(_ items: [String], idempotencyKey: String) async throws {}
}

private func order(_ carrier: Carrier, _ catalogue: Catalogue) -> Flow<Order> {
    Flow("order", version: 1) {
        Node("price") { order, context in
            Update(\.cents, try await catalogue.price(of: order.items)).and(\.log, ["priced"])
        }
        .retry(.exponential(maxAttempts: 5)).timeout(.seconds(30))
        Node("ship") { order, context in
            try await carrier.ship(order.items, idempotencyKey: context.idempotencyKey)
            return Update(\.log, ["shipped"])
        }
        Edge(.start, "price")
        Route("price", to: ["ship", .end]) { $0.cents > 0 ? "ship" : .end }
        Edge("ship", .end)
    }
    .maxSteps(50).durability(.sync).result("cents", "log")
}

@Suite struct `A flow written in Swift` {
    @Test func `reads as in the handbook and runs`() async throws {
        let engine = try FlowEngine(order(Carrier(), Catalogue()), checkpointer: MemoryCheckpointer())
        let done = try await engine.invoke(Update(\.items, ["pen", "ink"]), sessionID: "user-123")
        #expect(done.cents == 200)
        #expect(done.log == ["priced", "shipped"])
        let kept = try await engine.state(of: "user-123")
        #expect(kept?.log == ["priced", "shipped"])
    }

    @Test func `takes the other way when the route says so`() async throws {
        let engine = try FlowEngine(order(Carrier(), Catalogue()))
        let done = try await engine.invoke()
        #expect(done.log == ["priced"])
    }

    @Test func `can be held among flows of other states`() {
        let flows: [any RunnableFlow] = [order(Carrier(), Catalogue()), line()]
        #expect(flows.count == 2)
    }
}

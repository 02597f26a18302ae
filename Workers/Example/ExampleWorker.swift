import Penstock

/// A worker whose flows are written in Swift. It takes the flags, variables and settings of `penstock work`:
///
///     swift run penstock-example --slots 32
///     penstock enqueue order --session order-1 --input '{"items":["tea","pot"]}' --wait
///     penstock enqueue chat --session ada --input '{"messages":[{"from":"Ada","text":"Hello"}]}' --wait
@main struct ExampleWorker: Worker {
    private let shop: Shop

    init() async throws {
        shop = Shop(centsOf: ["tea": 450, "pot": 3900, "cup": 800, "sample": 0])
    }

    var flows: [any RunnableFlow] { [order(from: shop), chat] }
}

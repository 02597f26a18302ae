import PenstockJSON

/// A state as a flow might have, about 1 KB as JSON.
struct Sample: Codable, Hashable {
    struct Item: Codable, Hashable {
        var sku: String
        var quantity: Int
        var price: Double
        var tags: [String]
    }

    enum Status: String, Codable {
        case open, shipped
    }

    enum Payment: Codable, Hashable {
        case none
        case card(number: String, month: Int)
    }

    var id = "order-0001"
    var customer = "Ada Lovelace"
    var note: String? = "Bitte \"klingeln\" — zweimal\n"
    var missing: Int?
    var cents = 129_900
    var rate = 1.0
    var isGift = false
    var status = Status.shipped
    var payment = Payment.card(number: "4111", month: 7)
    var items = (1...6).map {
        Item(
            sku: "sku-\($0)-with-a-long-name", quantity: $0, price: Double($0) * 19.99, tags: ["new", "blue"])
    }
    var log = ["priced", "checked", "the customer was asked about the delivery", "shipped"]
    var counts = ["a": 1, "b": 2]
    var byNumber = [1: "one", 2: "two"]
    var scores = [0.5, 1.0, 2.25]
}

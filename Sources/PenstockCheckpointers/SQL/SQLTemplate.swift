import PenstockSQL

/// The text of a statement for one database, made from a text whose places for values are `$1`, `$2` and so on, in any order
/// and as often as needed.
struct SQLTemplate: Hashable, Sendable {
    /// How a database writes the places for values.
    enum Places: Hashable, Sendable {
        /// `$1`
        case dollars
        /// `?1`
        case numbers
        /// `?`, given its values in the order in which they stand.
        case marks
    }

    let text: String
    /// Which value stands at each `?`; `nil` where places are numbered.
    private let order: [Int]?

    init(_ text: String, _ places: Places) {
        let sign =
            switch places {
            case .dollars: "$"
            case .numbers, .marks: "?"
            }
        var order: [Int] = []
        var parts = text.split(separator: "$", omittingEmptySubsequences: false).makeIterator()
        var result = String(parts.next() ?? "")
        while let part = parts.next() {
            let number = part.prefix { $0.isNumber }
            order.append((Int(number) ?? 1) - 1)
            result += sign + (places == .marks ? "" : number) + part.dropFirst(number.count)
        }
        self.text = result
        self.order = places == .marks ? order : nil
    }

    /// The statement with its values, the first of them for `$1`.
    func callAsFunction(_ values: [SQLValue] = []) -> SQLCommand {
        SQLCommand(text, order.map { order in order.map { values[$0] } } ?? values)
    }
}

extension SQLTemplate: CustomStringConvertible {
    var description: String { text }
}

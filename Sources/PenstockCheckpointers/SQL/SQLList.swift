import PenstockSQL

/// Lists of values in statements have few lengths (4, 16, 64…), so that there are few texts, each of which is prepared once.
enum SQLList {
    /// How long a list is made that holds so many values.
    static func length(for count: Int) -> Int {
        guard count > 0 else { return 0 }
        var length = 4
        while length < count { length *= 4 }
        return length
    }
}

extension [SQLValue] {
    /// The values as a list of one of the few lengths: the last one is repeated.
    var paddedAsList: [SQLValue] {
        guard let last else { return [] }
        return self + [SQLValue](repeating: last, count: SQLList.length(for: count) - count)
    }
}

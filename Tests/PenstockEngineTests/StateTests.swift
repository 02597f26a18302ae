import PenstockJSON
import PenstockModel
import Testing

@testable import PenstockEngine

private struct Every: FlowState, Equatable {
    var list: [Int] = [1]
    var total = 10
    var weight = 1.5
    var table: [String: Int] = ["a": 1]
    var least = 5
    var most = 5
    var best: Int?
    var worst: Int?
    var plain = "old"
    var own = "x"
    var swift = ["s"]
    var wait = Duration.zero
    static let reducers: [Reducer<Every>] = [
        .append(\.list), .sum(\.total), .sum(\.weight), .merge(\.table), .min(\.least), .max(\.most),
        .max(\.best),
        .min(\.worst), .replace(\.plain), .custom(\.own) { old, new in old + new },
        .append(\.swift, key: "renamed"), .sum(\.wait),
    ]
    enum CodingKeys: String, CodingKey {
        case list, total, weight, table, least, most, best, worst, plain, own, wait
        case swift = "renamed"
    }
}

private struct Known: FlowState, Equatable {
    var name = "default"
    var ratio = 1.0
}

private let shape = StateShape<Every>.typed()

@Suite struct `A typed state` {
    @Test func `takes typed values through its reducers`() throws {
        var held = HeldState(value: Every())
        let update = Update<Every>(\.list, [2]).and(\.total, 5).and(\.weight, 0.5).and(
            \.table, ["b": 2, "a": 9]
        )
        .and(\.least, 7).and(\.most, 7).and(\.best, 3).and(\.worst, nil).and(\.plain, "new").and(\.own, "y")
        .and(\.swift, ["t"]).and(\.wait, .seconds(2))
        try shape.apply(update, to: &held)
        var expected = Every()
        expected.list = [1, 2]
        expected.total = 15
        expected.weight = 2
        expected.table = ["a": 9, "b": 2]
        expected.most = 7
        expected.best = 3
        expected.plain = "new"
        expected.own = "xy"
        expected.swift = ["s", "t"]
        expected.wait = .seconds(2)
        #expect(held.value == expected)
    }

    @Test func `takes a partial state through the same reducers`() throws {
        var held = HeldState(value: Every())
        let partial: JSONObject = [
            "list": [2], "total": 5, "weight": 0.5, "table": ["b": 2, "a": 9], "least": 7, "most": 7,
            "best": 3,
            "worst": nil, "plain": "new", "own": "y", "renamed": ["t"],
        ]
        try shape.apply(Update(partial: partial), to: &held)
        var expected = Every()
        expected.list = [1, 2]
        expected.total = 15
        expected.weight = 2
        expected.table = ["a": 9, "b": 2]
        expected.most = 7
        expected.best = 3
        expected.plain = "new"
        expected.own = "xy"
        expected.swift = ["s", "t"]
        #expect(held.value == expected)
    }

    @Test func `applies the changes of an update in order`() throws {
        var held = HeldState(value: Every())
        try shape.apply(Update(\.list, [2]).and(\.list, [3]), to: &held)
        #expect(held.value.list == [1, 2, 3])
        try shape.apply(.none, to: &held)
        #expect(held.value.list == [1, 2, 3])
    }

    @Test func `does not end the program when a sum is too large`() {
        var held = HeldState(value: Every())
        #expect(
            throws: StateError("the sum of 10 and 9223372036854775807 under \"total\" is too large for Int")
        ) {
            try shape.apply(Update(\.total, Int.max), to: &held)
        }
        #expect(throws: StateError.self) {
            try shape.apply(Update(partial: ["total": JSON(Int.max)]), to: &held)
        }
    }

    @Test func `refuses keys that it does not have`() {
        var held = HeldState(value: Every())
        #expect(throws: StateError("the state Every has no key \"totl\"; did you mean \"total\"?")) {
            try shape.apply(Update(partial: ["totl": 1]), to: &held)
        }
    }

    @Test func `takes the default for a key that is not stored`() throws {
        let held = try StateShape<Known>.typed().decode(Array(#"{"ratio": 2.0}"#.utf8))
        #expect(held.value == Known(name: "default", ratio: 2))
    }

    @Test func `keeps stored keys that it does not know, and writes them back`() throws {
        let shape = StateShape<Known>.typed()
        let stored = #"{"name":"x","ratio":1.0,"later":{"__type__":"M","data":[1,2.0,18446744073709551616]}}"#
        var held = try shape.decode(Array(stored.utf8))
        try shape.apply(Update(\.name, "y"), to: &held)
        let written = try JSON(parsing: shape.encode(held))
        #expect(
            written
                == [
                    "name": "y", "ratio": 1.0,
                    "later": ["__type__": "M", "data": [1, 2.0, try JSON(parsing: "18446744073709551616")]],
                ])
        try shape.apply(Update(partial: ["name": "z"]), to: &held)
        #expect(try JSON(parsing: shape.encode(held))["later"] != nil)
    }

    @Test func `says what does not fit`() throws {
        #expect(throws: StateError.self) { try StateShape<Known>.typed().decode(Array("[]".utf8)) }
        let error = try #require(throws: StateError.self) {
            try StateShape<Known>.typed().decode(Array(#"{"name": 1}"#.utf8))
        }
        #expect(error.description.contains("name"))
    }
}

@Suite struct `A state of plain JSON` {
    private let shape = StateShape<JSONObject>.json(reducers: [
        "log": "append", "sum": "sum", "map": "merge", "low": "min", "high": "max", "plain": "replace",
    ])

    private func after(_ partials: JSONObject...) throws -> JSONObject {
        var held = HeldState(value: shape.initial())
        for partial in partials { try shape.apply(Update(partial: partial), to: &held) }
        return held.value
    }

    @Test func `combines by the reducers that are named, and keeps any key`() throws {
        let state = try after(
            ["log": ["a"], "sum": 1, "map": ["x": 1], "low": 3, "high": 3, "plain": 1, "any": nil],
            ["log": ["b"], "sum": 2, "map": ["y": 2], "low": 2, "high": 2, "plain": 2, "other": [1]])
        #expect(
            state
                == [
                    "log": ["a", "b"], "sum": 3, "map": ["x": 1, "y": 2], "low": 2, "high": 3, "plain": 2,
                    "any": nil, "other": [1],
                ])
    }

    @Test(arguments: [
        ("9223372036854775807", "1", "9223372036854775808"),
        ("99999999999999999999", "1", "100000000000000000000"),
        ("-99999999999999999999", "99999999999999999999", "0"),
        ("100000000000000000000", "-1", "99999999999999999999"),
        ("-5", "-9223372036854775808", "-9223372036854775813"),
        ("1", "0.5", "1.5"), ("1.0", "1", "2.0"), ("0", "-0", "0"),
    ])
    func `sums integers of any length exactly`(_ old: String, _ new: String, _ sum: String) throws {
        let state = try after(["sum": try JSON(parsing: old)], ["sum": try JSON(parsing: new)])
        #expect(state["sum"]?.text == sum)
    }

    @Test func `orders numbers of any length, and strings`() throws {
        let large = try JSON(parsing: "18446744073709551616")
        let small = try JSON(parsing: "-18446744073709551616")
        #expect(try after(["low": 1], ["low": large], ["low": small])["low"] == small)
        #expect(try after(["high": 1], ["high": small], ["high": large])["high"] == large)
        #expect(try after(["high": "a"], ["high": "b"], ["high": "ab"])["high"] == "b")
        #expect(try after(["high": 1], ["high": 0.5])["high"] == 1)
    }

    @Test func `says which reducer cannot take what`() {
        #expect(throws: StateError("under \"log\", the reducer append takes an array, not a string")) {
            try after(["log": "x"])
        }
        #expect(throws: StateError("under \"sum\", the reducer sum takes a number, not null")) {
            try after(["sum": 1], ["sum": nil])
        }
        #expect(
            throws: StateError("under \"low\", a string and an integer have no order (reducer min)")
        ) {
            try after(["low": 1], ["low": "a"])
        }
    }
}

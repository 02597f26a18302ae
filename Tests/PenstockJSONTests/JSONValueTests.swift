import PenstockJSON
import Testing

struct JSONValueTests {
    private let order: JSON = [
        "id": 7, "price": 1.0, "tags": ["new", "\("bl")ue"], "paid": true, "note": nil,
        "ship": ["city": "Ulm"],
    ]

    @Test func `a value is written down as a literal and asked kind by kind`() {
        #expect(
            order.text
                == #"{"id":7,"price":1.0,"tags":["new","blue"],"paid":true,"note":null,"ship":{"city":"Ulm"}}"#
        )
        #expect(order["id"]?.int == 7)
        #expect(order["id"]?.double == 7)
        #expect(order["price"]?.int == nil)
        #expect(order["price"]?.double == 1)
        #expect(order["tags"]?[1]?.string == "blue")
        #expect(order["tags"]?[2] == nil)
        #expect(order["tags"]?[-1] == nil)
        #expect(order["tags"]?.array?.count == 2)
        #expect(order["paid"]?.bool == true)
        #expect(order["note"]?.isNull == true)
        #expect(order["ship"]?["city"]?.string == "Ulm")
        #expect(order["ship"]?.object?.count == 1)
        #expect(order["missing"] == nil)
        #expect(order["id"]?.string == nil && order["id"]?["x"] == nil && order["id"]?[0] == nil)
    }

    @Test func `a value can be printed over several lines`() {
        let json: JSON = ["a": [1, [], ["b": "x"]], "c": [:]]
        #expect(
            json.text(pretty: true) == """
                {
                  "a": [
                    1,
                    [],
                    {
                      "b": "x"
                    }
                  ],
                  "c": {}
                }
                """)
    }

    @Test func `values are equal when they say the same byte for byte`() throws {
        let one: JSON = 1
        #expect(one != 1.0)
        #expect(one == JSON(UInt8(1)))
        #expect(try JSON(parsing: "1.50") != 1.5)
        #expect(try JSON(parsing: "0.1") == 0.1)
        #expect(JSON(-0.0) != JSON(0.0))
        #expect(JSON(Double.nan) == JSON(-Double.nan))
        // Two spellings of one character: equal as strings of Swift, not here.
        #expect("\u{E9}" == "e\u{301}")
        #expect(JSON("\u{E9}") != JSON("e\u{301}"))
        #expect(JSON("\u{212B}") != JSON("A\u{30A}"))
        let keys: JSONObject = ["\u{E9}": 1, "e\u{301}": 2]
        #expect(keys.count == 2)
        #expect(keys["e\u{301}"] == 2)
        #expect(Set<JSON>([1, 1.0, "1", [1], ["1": 1], nil, true, 1]).count == 7)
    }

    @Test(arguments: [3, 16, 17, 100])
    func `the order of keys is kept and does not count`(_ size: Int) {
        let pairs = (0..<size).map { ("key \($0)", JSON($0)) }
        let object = JSONObject(pairs)
        let backwards = JSONObject(pairs.reversed())
        #expect(object == backwards)
        #expect(object.hashValue == backwards.hashValue)
        #expect(object.keys == pairs.map(\.0))
        #expect(backwards.keys == pairs.map(\.0).reversed())
        #expect(object.values == pairs.map(\.1))
        #expect(object.map(\.key) == object.keys)
        var other = backwards
        other["key 1"] = "x"
        #expect(object != other)
        other["key 1"] = nil
        #expect(object != other)
        other["another"] = 1
        #expect(object != other)
    }

    @Test(arguments: [4, 16, 17, 18, 40])
    func `keys are set, replaced in place, removed and merged`(_ size: Int) {
        var object = JSONObject((0..<size).map { ("\($0)", JSON($0)) })
        object["1"] = .null
        #expect(object["1"] == .some(.null))
        #expect(object.has("1"))
        #expect(object.keys[1] == "1")
        object["new"] = 5
        #expect(object.keys.last == "new")
        #expect(object.removeValue(forKey: "2") == 2)
        #expect(object.removeValue(forKey: "2") == nil)
        object["0"] = nil
        #expect(!object.has("0"))
        #expect(object.count == size - 1)
        #expect(object["3"] == 3 && object["new"] == 5)
        object.merge(["3": "x", "4x": "y"])
        #expect(object["3"] == "x" && object.keys.last == "4x")
        object.removeAll { key, _ in key != "new" && key != "3" }
        #expect(object == ["new": 5, "3": "x"])
        #expect(JSON.object(object).text == #"{"3":"x","new":5}"#)
        #expect(JSONObject([("a", 1), ("b", 2), ("a", 3)]).description == #"{"a":3,"b":2}"#)
        #expect(JSONObject().isEmpty)
    }

    @Test func `half a surrogate pair passes through keys and values`() throws {
        let text = #"{"\ud800":"\udfff x","a":"\ud83d\ude00","\udbff\n":[1]}"#
        let json = try JSON(parsing: text)
        let written = #"{"\ud800":"\udfff x","a":"😀","\udbff\n":[1]}"#
        #expect(json.text == written)
        #expect(try JSON(parsing: written) == json)
        #expect(json.object?.keys == ["\u{FFFD}", "a", "\u{FFFD}\n"])
        #expect(json.object?.values[0].string == "\u{FFFD} x")
        let object = try #require(json.object)
        #expect(object.only(["\u{FFFD}\n", "a"]).description == #"{"a":"😀","\udbff\n":[1]}"#)
        #expect(object["\u{FFFD}"] == nil)
        var merged: JSONObject = ["b": 1]
        merged.merge(object.only(["\u{FFFD}"]))
        #expect(merged.description == #"{"b":1,"\ud800":"\udfff x"}"#)
        // A key that spells an escape is another than the key that the escape stands for.
        #expect(try JSON(parsing: #"{"\\ud800":1,"\ud800":2}"#).object?.count == 2)
        #expect(try JSON(parsing: #""\\ud800""#) != JSON(parsing: #""\ud800""#))
    }

    @Test func `a string is appended to bytes with its quotes`() {
        var bytes = Array("x=".utf8)
        appendJSONString("a\"\\\u{1}é\n" + String(repeating: "long ", count: 10), to: &bytes)
        let expected = #"x="a\"\\\u0001é\nlong long long long long long long long long long ""#
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
        JSON.null.write(into: &bytes)
        appendJSONString("", to: &bytes)
        appendJSONString(Array("plain ü".utf8), to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == expected + #"null"""plain ü""#)
    }
}

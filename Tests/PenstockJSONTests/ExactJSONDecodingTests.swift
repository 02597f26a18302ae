import PenstockJSON
import Testing

struct ExactJSONDecodingTests {
    private func json(_ text: String) throws -> JSON { try JSON(parsing: text) }

    @Test func `an integer is read from an integer only`() throws {
        #expect(try ExactJSONDecoder().decode(Int.self, from: 5) == 5)
        #expect(try ExactJSONDecoder().decode(Double.self, from: 5) == 5)
        #expect(try ExactJSONDecoder().decode(UInt64.self, from: json("18446744073709551615")) == .max)
        #expect(
            try ExactJSONDecoder().decode(Int128.self, from: json("1000000000000000000000"))
                == 1_000_000_000_000_000_000_000)
        #expect(
            sentence { _ = try ExactJSONDecoder().decode(Int.self, from: 5.0) }
                == "expected an integer, found 5.0")
        #expect(
            sentence { _ = try ExactJSONDecoder().decode([String: [UInt8]].self, from: ["a": [1, 300]]) }
                == "expected an integer from 0 to 255 at a[1], found 300")
        #expect(
            sentence { _ = try ExactJSONDecoder().decode(Int.self, from: json("9223372036854775808")) }
                == "expected an integer from -9223372036854775808 to 9223372036854775807, found 9223372036854775808"
        )
    }

    @Test func `errors say what was expected where`() throws {
        var sample = try ExactJSONEncoder().encodeObject(Sample())
        sample["items"] = [["sku": "a", "quantity": 1, "price": "2", "tags": []]]
        #expect(
            sentence { _ = try ExactJSONDecoder().decode(Sample.self, from: .object(sample)) }
                == "expected a number at items[0].price, found a string")
        sample["items"] = [["sku": "a"]]
        #expect(
            sentence { _ = try ExactJSONDecoder().decode(Sample.self, from: .object(sample)) }
                == "expected the key quantity at items[0], found an object without it")
        sample["items"] = nil
        #expect(
            sentence { _ = try ExactJSONDecoder().decode(Sample.self, from: .object(sample)) }
                == "expected the key items, found an object without it")
        sample["items"] = [nil]
        #expect(
            sentence { _ = try ExactJSONDecoder().decode(Sample.self, from: .object(sample)) }
                == "expected an object at items[0], found null")
        #expect(
            sentence { _ = try ExactJSONDecoder().decode([String].self, from: ["a", 1]) }
                == "expected a string at [1], found 1")
    }

    @Test func `keys that nobody asked for are told`() throws {
        struct State: Codable {
            var a = 1
            var b: String?
        }
        let object: JSONObject = ["x": 1, "a": 2, "y": nil, "b": nil]
        let decoded = try ExactJSONDecoder().decodeNotingUnused(State.self, from: object)
        #expect(decoded.value.a == 2)
        #expect(decoded.unused == ["x", "y"])
        #expect(try ExactJSONDecoder().decodeNotingUnused(State?.self, from: object).unused == ["x", "y"])
        #expect(try ExactJSONDecoder().decodeNotingUnused([String: JSON].self, from: object).unused.isEmpty)
        #expect(try ExactJSONDecoder().decodeNotingUnused(JSON.self, from: object).unused.isEmpty)
        #expect(try ExactJSONDecoder().decodeNotingUnused(JSONObject.self, from: object).unused.isEmpty)
        let truck: JSONObject = ["wheels": 4, "load": 1, "isNested": false, "x": 1]
        #expect(
            try ExactJSONDecoder().decodeNotingUnused(ExactJSONCodingTests.Truck.self, from: truck).unused
                == ["x"])
    }

    @Test func `half a surrogate pair is replaced in a Swift string`() throws {
        let value = try json(#"["a\ud800b"]"#)
        #expect(try ExactJSONDecoder().decode([String].self, from: value) == ["a\u{FFFD}b"])
    }
}

import PenstockJSON
import Testing

struct ExactJSONCodingTests {
    private func text(_ value: some Encodable) throws -> String {
        String(decoding: try ExactJSONEncoder().encode(value), as: UTF8.self)
    }

    private func json(_ text: String) throws -> JSON { try JSON(parsing: text) }

    @Test func `a struct comes back as it was`() throws {
        let sample = Sample()
        let bytes = try ExactJSONEncoder().encode(sample)
        #expect(try ExactJSONDecoder().decode(Sample.self, from: bytes) == sample)
        #expect(try ExactJSONEncoder().encodeObject(sample)["payment"]?["card"]?["month"] == 7)
    }

    @Test func `numbers are written as what they are`() throws {
        #expect(
            try text([1.0, 0.1, -0.0, 1e16, 1e22, .leastNonzeroMagnitude, .nan, .infinity, -.infinity])
                == "[1.0,0.1,-0.0,1e+16,1e+22,5e-324,NaN,Infinity,-Infinity]")
        #expect(try text([Float(0.1), 1, 1e20]) == "[0.1,1.0,1e+20]")
        #expect(try text([Int.min, Int.max]) == "[-9223372036854775808,9223372036854775807]")
        #expect(try text(UInt64.max) == "18446744073709551615")
        #expect(try text([UInt128.max]) == "[340282366920938463463374607431768211455]")
        #expect(try text([Int8(-5)]) == "[-5]")
        #expect(try text(["a": Int128.min]) == #"{"a":-170141183460469231731687303715884105728}"#)
    }

    @Test func `json passes through exactly`() throws {
        struct Holder: Codable, Equatable {
            var any: JSON
            var object: JSONObject
            var number: JSONNumber
            var list: [JSON]
            var maybe: JSON?
        }
        let source =
            #"{"any":[1.50,"\ud800",null],"object":{"b":1e400,"a":NaN,"\udfff":1},"number":-0,"list":[{}],"maybe":2}"#
        let holder = try ExactJSONDecoder().decode(Holder.self, from: try json(source))
        #expect(try text(holder) == source)
        #expect(try text(try json(source)) == source)
        #expect(try ExactJSONDecoder().decode(JSON.self, from: json(source)).text == source)
    }

    @Test func `dictionaries with string or integer keys are objects`() throws {
        #expect(try text(["a": 1.0]) == #"{"a":1.0}"#)
        #expect(try text([5: "x"]) == #"{"5":"x"}"#)
        #expect(try ExactJSONDecoder().decode([Int: String].self, from: json(#"{"5":"x"}"#)) == [5: "x"])
        let many = Dictionary(uniqueKeysWithValues: (0..<500).map { ("key \($0)", $0) })
        #expect(
            try ExactJSONDecoder().decode([String: Int].self, from: ExactJSONEncoder().encode(many)) == many)
    }

    class Vehicle: Codable {
        var wheels = 4
        init() {}
    }

    final class Truck: Vehicle {
        enum Way { case sameEncoder, superEncoder }
        var load = 2.0
        var way = Way.sameEncoder
        enum CodingKeys: CodingKey { case load, isNested }
        override init() { super.init() }
        init(_ way: Way) {
            self.way = way
            super.init()
        }
        required init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            load = try container.decode(Double.self, forKey: .load)
            let isNested = try container.decode(Bool.self, forKey: .isNested)
            way = isNested ? .superEncoder : .sameEncoder
            try super.init(from: isNested ? container.superDecoder() : decoder)
        }
        override func encode(to encoder: any Encoder) throws {
            if way == .sameEncoder { try super.encode(to: encoder) }
            var container = encoder.container(keyedBy: CodingKeys.self)
            if way == .superEncoder { try super.encode(to: container.superEncoder()) }
            try container.encode(load, forKey: .load)
            try container.encode(way == .superEncoder, forKey: .isNested)
        }
    }

    @Test func `a class is written with its superclass`() throws {
        #expect(try text([Truck(.sameEncoder)]) == #"[{"wheels":4,"load":2.0,"isNested":false}]"#)
        let nested = try text(Truck(.superEncoder))
        #expect(nested == #"{"super":{"wheels":4},"load":2.0,"isNested":true}"#)
        #expect(try ExactJSONDecoder().decode(Truck.self, from: json(nested)).wheels == 4)
    }

    struct Interleaved: Encodable {
        enum Key: String, CodingKey { case first, second, third, list }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            var first = container.nestedContainer(keyedBy: Key.self, forKey: .first)
            var list = container.nestedUnkeyedContainer(forKey: .list)
            try container.encode(1, forKey: .second)
            try first.encode("a", forKey: .first)
            try list.encode(1.0)
            var inner = list.nestedContainer(keyedBy: Key.self)
            _ = list.superEncoder()
            try list.encodeNil()
            try container.encode(3, forKey: .third)
            try first.encode("b", forKey: .second)
            try inner.encode([1: 2], forKey: .third)
        }
    }

    @Test func `nested containers may be filled in any order`() throws {
        let expected =
            #"{"first":{"first":"a","second":"b"},"list":[1.0,{"third":{"1":2}},{},null],"second":1,"third":3}"#
        #expect(try text(Interleaved()) == expected)
        #expect(try text([Interleaved()]) == "[\(expected)]")
    }

    struct Repeating: Encodable {
        var keys: [String]
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: AnyKey.self)
            for (place, key) in keys.enumerated() {
                if place % 3 == 0 {
                    var nested = container.nestedUnkeyedContainer(forKey: AnyKey(key))
                    try nested.encode(place)
                } else {
                    try container.encode([[place]], forKey: AnyKey(key))
                }
            }
        }
    }

    @Test func `a key that is encoded twice is written once`() throws {
        #expect(try text(Repeating(keys: ["a", "b", "a", "c", "b"])) == #"{"a":[[2]],"c":[3],"b":[[4]]}"#)
        let keys = (0..<400).map { "key \($0 * 7 % 90)\n" }
        let object = try ExactJSONEncoder().encodeObject(["top": Repeating(keys: keys)])["top"]?.object
        #expect(object?.count == 90)
        for (place, key) in keys.enumerated().suffix(90) {
            #expect(object?[key] == (place % 3 == 0 ? [JSON(place)] : [[JSON(place)]]))
        }
        let strict = JSONLimits(duplicateKeys: .refuse)
        #expect(throws: Never.self) {
            try JSON(parsing: try ExactJSONEncoder().encode(Repeating(keys: keys)), limits: strict)
        }
    }

    struct Careless: Encodable {
        struct Broken: Encodable {
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: AnyKey.self)
                try container.encode(1, forKey: AnyKey("a"))
                var nested = container.nestedUnkeyedContainer(forKey: AnyKey("b"))
                try nested.encode(1)
                throw CancellationError()
            }
        }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: AnyKey.self)
            try container.encode("old", forKey: AnyKey("twice"))
            try? container.encode([Broken()], forKey: AnyKey("broken"))
            try? container.encode([Broken()], forKey: AnyKey("twice"))
            try container.encode("x", forKey: AnyKey("last"))
            var list = container.nestedUnkeyedContainer(forKey: AnyKey("list"))
            try? list.encode(Broken())
            try list.encode(2)
        }
    }

    @Test func `a value that could not be encoded leaves no trace`() throws {
        #expect(try text(Careless()) == #"{"twice":"old","last":"x","list":[2]}"#)
        #expect(throws: CancellationError.self) { try text(["a": Careless.Broken()]) }
    }

    struct Empty: Codable {}

    struct Mixed: Encodable {
        func encode(to encoder: any Encoder) throws {
            _ = encoder.container(keyedBy: AnyKey.self)
            _ = encoder.unkeyedContainer()
        }
    }

    @Test func `misuse is an error with a sentence`() throws {
        #expect(try text(Empty()) == "{}")
        #expect(try text([Empty()]) == "[{}]")
        #expect(
            sentence { _ = try text(["a": Mixed()]) }
                == "a value must be encoded as one object, one array or one single value, and once (at a)")
        #expect(
            sentence { _ = try ExactJSONEncoder().encodeObject([1]) }
                == "expected a value that is encoded as an object, found an array")
    }

    struct Nest: Codable {
        var inner: [Nest] = []
        static func of(depth: Int) -> Nest { (1..<depth).reduce(Nest()) { nest, _ in Nest(inner: [nest]) } }
    }

    @Test func `what is written can be read again, or is refused`() throws {
        let deep = try ExactJSONEncoder().encode(Nest.of(depth: 250))
        #expect(throws: Never.self) { try ExactJSONDecoder().decode(Nest.self, from: deep) }
        let tooDeep = "expected at most 500 levels, found 502"
        #expect(sentence { _ = try text(Nest.of(depth: 251)) } == tooDeep)
        let tree = (0..<501).reduce(JSON.null) { json, _ in [json] }
        #expect(sentence { _ = try text([tree]) } == tooDeep)
        #expect(sentence { _ = try text(tree) } == "expected at most 500 levels, found 501")
    }

    struct Late: Codable {
        var first: JSON?
        enum Key: CodingKey { case list }
        init() {}
        init(from decoder: any Decoder) throws {
            var list = try decoder.container(keyedBy: Key.self).nestedUnkeyedContainer(forKey: .list)
            var inner = try list.nestedUnkeyedContainer()
            first = try inner.decode(JSON.self)
            _ = try inner.decode(Int.self)
        }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            var list = container.nestedUnkeyedContainer(forKey: .list)
            var inner = list.nestedUnkeyedContainer()
            try inner.encode((0..<499).reduce(JSON.null) { json, _ in [json] })
        }
    }

    @Test func `containers within containers keep their depth and their place`() throws {
        #expect(sentence { _ = try text(Late()) } == "expected at most 500 levels, found 502")
        #expect(
            sentence { _ = try ExactJSONDecoder().decode([Late].self, from: [["list": [[1, "x"]]]]) }
                == "expected an integer at [0].list[0][1], found a string")
        #expect(
            sentence { _ = try ExactJSONDecoder().decode([Late].self, from: [["list": [[1]]]]) }
                == "expected an element at [0].list[0][1], found the array's end")
    }
}

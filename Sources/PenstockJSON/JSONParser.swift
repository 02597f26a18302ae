/// Reads one JSON text: RFC 8259 to the letter, but for what the limits allow.
struct JSONParser: ~Copyable {
    /// What went wrong and where; made into a sentence only at the end, when the text is looked at again.
    struct Fault: Error {
        enum Kind {
            case expected(StaticString)
            case reason(StaticString)
            case invalidUTF8
            case tooDeep
            case tooLong
            case duplicateKey
        }
        let kind: Kind
        let offset: Int
    }

    let base: UnsafePointer<UInt8>
    let end: Int
    let limits: JSONLimits
    let depthLimit: Int
    var at = 0
    var values = ScratchStack<JSON>()
    var entries = ScratchStack<JSONObject.Entry>()
    /// Holds a string with escapes while they are undone.
    var unescaped = ByteSink(capacity: 64)

    init(base: UnsafePointer<UInt8>, count: Int, limits: JSONLimits) {
        self.base = base
        end = count
        self.limits = limits
        depthLimit = min(limits.depth, JSONLimits.deepest)
    }

    /// Reads the whole text.
    mutating func parse() throws(Fault) -> JSON {
        if let most = limits.bytes, end > most { throw Fault(kind: .tooLong, offset: most) }
        skipSpace()
        let value = try parseValue(depth: 0)
        skipSpace()
        if at < end { throw expected("the end") }
        return value
    }

    func expected(_ what: StaticString) -> Fault { Fault(kind: .expected(what), offset: at) }

    /// The byte here, or 0 at the end: no JSON text holds a zero byte.
    @inline(__always)
    var byte: UInt8 { at < end ? base[at] : 0 }

    @inline(__always)
    mutating func skipSpace() {
        while at < end, isSpace(base[at]) { at &+= 1 }
    }

    mutating func parseValue(depth: Int) throws(Fault) -> JSON {
        switch byte {
        case UInt8(ascii: "\""):
            return try parseString()
        case UInt8(ascii: "{"):
            return .object(try parseObject(depth: depth + 1))
        case UInt8(ascii: "["):
            return .array(try parseArray(depth: depth + 1))
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            return .number(try parseNumber())
        case UInt8(ascii: "t"):
            try parseWord("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try parseWord("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try parseWord("null")
            return .null
        case UInt8(ascii: "N") where limits.allowsNaN:
            try parseWord("NaN")
            return .number(JSONNumber(.nan))
        case UInt8(ascii: "I") where limits.allowsNaN:
            try parseWord("Infinity")
            return .number(JSONNumber(.infinity))
        default:
            throw expected("a value")
        }
    }

    mutating func parseWord(_ word: StaticString) throws(Fault) {
        let length = word.utf8CodeUnitCount
        guard end - at >= length else { throw expected("a value") }
        for place in 0..<length where base[at + place] != word.utf8Start[place] { throw expected("a value") }
        at += length
    }

    private mutating func parseArray(depth: Int) throws(Fault) -> [JSON] {
        if depth > depthLimit { throw Fault(kind: .tooDeep, offset: at) }
        at &+= 1
        skipSpace()
        if byte == UInt8(ascii: "]") {
            at &+= 1
            return []
        }
        let start = values.count
        while true {
            values.push(try parseValue(depth: depth))
            skipSpace()
            switch byte {
            case UInt8(ascii: ","):
                at &+= 1
                skipSpace()
            case UInt8(ascii: "]"):
                at &+= 1
                return values.pop(from: start)
            default:
                throw expected("',' or ']'")
            }
        }
    }

    private mutating func parseObject(depth: Int) throws(Fault) -> JSONObject {
        if depth > depthLimit { throw Fault(kind: .tooDeep, offset: at) }
        at &+= 1
        skipSpace()
        if byte == UInt8(ascii: "}") {
            at &+= 1
            return JSONObject()
        }
        var seen = SeenKeys(start: entries.count)
        while true {
            guard byte == UInt8(ascii: "\"") else { throw expected("a key in quotes") }
            let place = at
            let key = try parseKey()
            let earlier = seen.note(key, among: entries)
            if earlier != nil, limits.duplicateKeys == .refuse {
                throw Fault(kind: .duplicateKey, offset: place)
            }
            skipSpace()
            guard byte == UInt8(ascii: ":") else { throw expected("':'") }
            at &+= 1
            skipSpace()
            let value = try parseValue(depth: depth)
            if let earlier {
                entries[earlier].value = value
            } else {
                entries.push(JSONObject.Entry(key: key, value: value))
            }
            skipSpace()
            switch byte {
            case UInt8(ascii: ","):
                at &+= 1
                skipSpace()
            case UInt8(ascii: "}"):
                at &+= 1
                return JSONObject(entries: entries.pop(from: seen.start), index: seen.index)
            default:
                throw expected("',' or '}'")
            }
        }
    }
}

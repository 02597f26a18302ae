/// Finds a member of a JSON object without changing a byte of it: what is parsed and written again may lose its spaces.
enum JSONMember {
    /// The text of the value under `key` in the outermost object; of a key that stands twice the last counts. The JSON has been
    /// parsed before: it is known to be well formed.
    static func text(of key: String, in json: [UInt8]) -> ArraySlice<UInt8>? {
        let name = Array("\"\(key)\"".utf8)
        var found: ArraySlice<UInt8>?
        var depth = 0
        var start: Int?
        var isWanted = false
        var place = 0
        func value(upTo end: Int) -> ArraySlice<UInt8>? {
            guard isWanted, let start else { return nil }
            return json[start..<end].trimmed
        }
        while place < json.count {
            switch json[place] {
            case UInt8(ascii: "\""):
                let end = endOfString(at: place, in: json)
                if depth == 1, start == nil { isWanted = json[place..<end].elementsEqual(name) }
                place = end
                continue
            case UInt8(ascii: ":") where depth == 1 && start == nil:
                start = place + 1
            case UInt8(ascii: ",") where depth == 1:
                found = value(upTo: place) ?? found
                start = nil
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 1 { found = value(upTo: place) ?? found }
                depth -= 1
            default:
                break
            }
            place += 1
        }
        return found
    }

    /// Behind the closing quote.
    private static func endOfString(at start: Int, in json: [UInt8]) -> Int {
        var place = start + 1
        while place < json.count, json[place] != UInt8(ascii: "\"") {
            place += json[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(place + 1, json.count)
    }
}

extension ArraySlice<UInt8> {
    /// Without the white space around it.
    var trimmed: Self {
        let isSpace: (UInt8) -> Bool = { " \t\r\n".utf8.contains($0) }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) })
        else { return [] }
        return self[first...last]
    }
}

import PenstockJSON

/// Objects are written key by key; `key` is the text between two values, the key's quotes and colon in it.
extension [UInt8] {
    mutating func append(key: String, _ text: String) {
        append(key: key)
        appendJSONString(text, to: &self)
    }

    mutating func append(key: String, _ number: Int) {
        append(key: key)
        append(contentsOf: String(number).utf8)
    }

    mutating func append(key: String, _ texts: [String]) {
        append(key: key)
        append(UInt8(ascii: "["))
        for (place, text) in texts.enumerated() {
            if place > 0 { append(UInt8(ascii: ",")) }
            appendJSONString(text, to: &self)
        }
        append(UInt8(ascii: "]"))
    }

    private mutating func append(key: String) {
        append(contentsOf: key.utf8)
    }
}

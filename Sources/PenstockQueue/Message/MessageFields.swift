import PenstockJSON
import PenstockModel

/// The keys of a message, each read as what it has to be.
struct MessageFields {
    static let known = [
        "flow", "id", "session_id", "input", "max_attempts", "timeout_seconds", "not_before", "expires_at",
        "unique_key", "on_busy", "traceparent", "metadata", "v",
    ]
    /// Keys of the format whose feature is not built yet: refused, so that nobody relies on them in vain.
    static let planned = ["answers"]

    private let object: JSONObject

    init(_ object: JSONObject) {
        self.object = object
    }

    func refuseUnknown() throws(MessageFault) {
        for key in object.keys where !Self.known.contains(key) {
            if Self.planned.contains(key) {
                throw .refused("the key \"\(key)\" is not supported by this version")
            }
            let shown = key.count > 60 ? "\(key.prefix(60))…" : key
            throw .refused(
                "the key \"\(shown)\" is unknown" + Nearest.suggestion(for: shown, among: Self.known))
        }
    }

    func text(_ key: String) throws(MessageFault) -> String? {
        guard let value = object[key] else { return nil }
        guard let text = value.string else { throw Self.fault(key, "a string", value) }
        return text
    }

    func text(_ key: String, bytes: ClosedRange<Int>) throws(MessageFault) -> String? {
        guard let text = try text(key) else { return nil }
        guard bytes.contains(text.utf8.count) else {
            throw .refused(
                "\"\(key)\" is a text of \(bytes.lowerBound) to \(bytes.upperBound) bytes, not of \(text.utf8.count)"
            )
        }
        return text
    }

    func word<Word: RawRepresentable & CaseIterable>(
        _ key: String
    ) throws(MessageFault) -> Word? where Word.RawValue == String {
        guard let text = try text(key) else { return nil }
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
            throw .refused("\"\(key)\" is \(words), not \"\(text.prefix(60))\"")
        }
        return word
    }

    func identifier<Kind>(_ key: String) throws(MessageFault) -> Identifier<Kind>? {
        guard let text = try text(key) else { return nil }
        do {
            return try Identifier(checking: text)
        } catch {
            throw .refused("\"\(key)\": \(error)")
        }
    }

    func object(_ key: String, orNull: Bool) throws(MessageFault) -> JSONObject? {
        guard let value = object[key] else { return nil }
        if orNull, value.isNull { return nil }
        guard let inner = value.object else {
            throw Self.fault(key, orNull ? "an object or null" : "an object", value)
        }
        return inner
    }

    func integer(_ key: String, atLeast least: Int) throws(MessageFault) -> Int? {
        guard let value = object[key] else { return nil }
        guard let number = value.int, number >= least else {
            throw Self.fault(key, "an integer of at least \(least)", value)
        }
        return number
    }

    func seconds(_ key: String) throws(MessageFault) -> Duration? {
        guard let value = object[key] else { return nil }
        guard let number = value.double, number > 0, number <= Duration.tenYears.inSeconds else {
            throw Self.fault(
                key, "a number of seconds above 0 and up to \(Duration.tenYears.components.seconds)", value)
        }
        return .seconds(number)
    }

    func timestamp(_ key: String) throws(MessageFault) -> Timestamp? {
        guard let text = try text(key) else { return nil }
        guard let time = Timestamp(text) else {
            throw .refused(
                "\"\(key)\" is a time such as \"2026-01-02T03:04:05Z\" (RFC 3339), not \"\(text.prefix(60))\""
            )
        }
        return time
    }

    /// A W3C trace context: version, trace, parent and flags. A later version than 00 may have more behind them.
    func traceparent(_ key: String) throws(MessageFault) -> String? {
        guard let text = try text(key) else { return nil }
        let parts = text.split(separator: "-", maxSplits: 4, omittingEmptySubsequences: false)
        func isHex(_ part: Substring, _ length: Int) -> Bool {
            part.utf8.count == length
                && part.utf8.allSatisfy {
                    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                        || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
                }
        }
        func isID(_ part: Substring, _ length: Int) -> Bool {
            isHex(part, length) && part.contains { $0 != "0" }
        }
        guard parts.count >= 4, isHex(parts[0], 2), parts[0] != "ff", parts.count == 4 || parts[0] != "00",
            isID(parts[1], 32), isID(parts[2], 16), isHex(parts[3], 2)
        else {
            throw .refused(
                "\"\(key)\" is a W3C trace context such as "
                    + "\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\", not \"\(text.prefix(60))\""
            )
        }
        return text
    }

    private static func fault(_ key: String, _ expected: String, _ value: JSON) -> MessageFault {
        let text = value.text
        return .refused("\"\(key)\" is \(expected), not \(text.count > 60 ? "\(text.prefix(60))…" : text)")
    }
}

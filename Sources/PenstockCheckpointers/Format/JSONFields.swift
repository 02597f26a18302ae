import PenstockJSON
import PenstockModel

/// The keys of a stored JSON object, each read as what it has to be.
struct JSONFields {
    /// What was expected and what stands there, in a sentence.
    struct Fault: Error {
        let reason: String

        init(_ reason: String) {
            self.reason = reason
        }
    }

    private let object: JSONObject

    init(_ bytes: [UInt8]) throws(Fault) {
        let json: JSON
        do throws(JSONError) {
            json = try JSON(parsing: bytes)
        } catch {
            throw Fault("it is no JSON: \(error)")
        }
        guard let object = json.object else { throw Fault("it is \(json.kind), and has to be an object") }
        self.object = object
    }

    func has(_ key: String) -> Bool { object.has(key) }

    func value(_ key: String) -> JSON? { object[key] }

    func text(_ key: String) throws(Fault) -> String {
        guard case .string(let text)? = object[key] else { throw expected("a string", under: key) }
        return text
    }

    func integer(_ key: String) throws(Fault) -> Int {
        // llmfy takes 1.0 for 1.
        guard let value = object[key], let integer = value.int ?? value.double.flatMap({ Int(exactly: $0) })
        else {
            throw expected("an integer", under: key)
        }
        return integer
    }

    func boolean(_ key: String) throws(Fault) -> Bool {
        guard let value = object[key]?.bool else { throw expected("true or false", under: key) }
        return value
    }

    func texts(_ key: String) throws(Fault) -> [String] {
        guard let values = object[key]?.array else { throw expected("a list of strings", under: key) }
        var texts: [String] = []
        for value in values {
            guard case .string(let text) = value else { throw expected("a list of strings", under: key) }
            texts.append(text)
        }
        return texts
    }

    func object(_ key: String) throws(Fault) -> JSONObject {
        guard let value = object[key]?.object else { throw expected("an object", under: key) }
        return value
    }

    func identifier<Kind>(_ key: String) throws(Fault) -> Identifier<Kind> {
        let text = try text(key)
        do throws(IdentifierError) {
            return try Identifier(checking: text)
        } catch {
            throw Fault("\"\(key)\": \(error)")
        }
    }

    func timestamp(_ key: String) throws(Fault) -> Timestamp {
        guard let timestamp = Timestamp(try text(key)) else { throw expected("a time", under: key) }
        return timestamp
    }

    /// Reads a key that may be missing, or null.
    func ifPresent<Value>(
        _ key: String, _ read: (String) throws(Fault) -> Value
    ) throws(Fault) -> Value? {
        guard let value = object[key], !value.isNull else { return nil }
        return try read(key)
    }

    private func expected(_ what: String, under key: String) -> Fault {
        guard let value = object[key] else { return Fault("it has no \"\(key)\"") }
        return Fault("\"\(key)\" is \(value.kind), and has to be \(what)")
    }
}

import Penstock
import PenstockJSON
import PenstockModel
import PenstockPlatform
import PenstockQueue

/// A command with all that it was called with.
struct Invocation: Sendable {
    let arguments: ParsedArguments
    let settings: Settings
    let output: Output

    init(_ command: Command, _ arguments: ParsedArguments, output: Output) throws(SettingsError) {
        self.arguments = arguments
        self.output = output.with(json: arguments.has(Command.jsonFlag.name))
        // What needs no settings must not stumble over a faulty one.
        settings = command.settings.isEmpty ? Settings() : try Settings(flags: arguments.flags)
    }

    /// The word at that place; the table of commands says that it is there.
    func word(_ index: Int) -> String {
        arguments.words.indices.contains(index) ? arguments.words[index] : ""
    }

    func identifier<Kind>(_ index: Int) throws -> Identifier<Kind> {
        try Identifier(checking: word(index))
    }

    /// The most to list: a thing more is asked for, to see whether there are more.
    func listLimit(otherwise standard: Int = 50) throws(Failure) -> Int {
        min(try count("limit", otherwise: standard), Int(Int32.max))
    }

    /// The flag's value as a number of at least 1.
    func count(_ flag: String, from least: Int = 1, otherwise standard: Int) throws(Failure) -> Int {
        guard let text = arguments[flag] else { return standard }
        guard let number = Int(text), number >= least else {
            throw .misused("--\(flag) is a whole number from \(least), not \"\(text)\"")
        }
        return number
    }

    func number(_ flag: String, orZero: Bool = true) throws(Failure) -> Double? {
        guard let text = arguments[flag] else { return nil }
        guard let number = Double(text), number.isFinite, number > 0 || number == 0 && orZero else {
            throw .misused("--\(flag) is a number \(orZero ? "from" : "above") 0, not \"\(text)\"")
        }
        return number
    }

    func time(_ flag: String) throws(Failure) -> Timestamp? {
        guard let text = arguments[flag] else { return nil }
        guard let time = Timestamp(text) else {
            throw .misused("--\(flag) is a time such as 2026-01-02T03:04:05Z (RFC 3339), not \"\(text)\"")
        }
        return time
    }

    /// The flag's value as a JSON object: as it stands, from a file (`@PATH`), or from standard input (`-`).
    func object(_ flag: String) throws(Failure) -> JSONObject? {
        guard let text = arguments[flag] else { return nil }
        let bytes: [UInt8]
        let limit = settings.queue.maxMessageBytes
        if text == "-" {
            bytes = StandardStream.input.readAll(limit: limit)
        } else if text.hasPrefix("@") {
            do throws(FileError) {
                bytes = try FileContents.read(String(text.dropFirst()), limit: limit)
            } catch {
                throw .misused("--\(flag): \(text.dropFirst()) cannot be read: \(error)")
            }
        } else {
            bytes = Array(text.utf8)
        }
        let json: JSON
        do throws(JSONError) {
            json = try JSON(parsing: bytes, limits: .message(bytes: limit))
        } catch {
            throw .misused("--\(flag) is no JSON: \(error)")
        }
        if json.isNull { return nil }
        guard let object = json.object else {
            throw .misused("--\(flag) is a JSON object such as {\"name\":\"Ada\"}, not \(json.kind)")
        }
        return object
    }
}

import PenstockEngine
import PenstockJSON

/// Reads what a program printed: an update, or nothing.
enum ProgramAnswer {
    static func update(_ output: [UInt8]) throws -> Update<JSONObject> {
        guard output.contains(where: { !isBlank($0) }) else { return .none }
        let json: JSON
        do {
            json = try JSON(parsing: output, limits: .stored)
        } catch {
            throw ProgramFailure("the program printed no JSON: \(error); it began with \(start(of: output))")
        }
        switch json {
        case .object(let update): return Update(partial: update)
        case .null: return .none
        default:
            throw ProgramFailure(
                "the program printed \(json.kind); an update is an object: \(start(of: output))")
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
            || byte == UInt8(ascii: "\t")
    }

    /// The beginning of it, on one line.
    static func start(of output: [UInt8]) -> String {
        let end = output.lastIndex { !isBlank($0) } ?? -1
        let text = String(decoding: output[..<(end + 1)].prefix(80), as: UTF8.self).replacing(
            "\n", with: "\\n")
        return "\"\(text)\"" + (end >= 80 ? "…" : "")
    }
}

import PenstockJSON
import PenstockModel

extension JSON {
    /// The text, or `null`.
    init(orNull text: String?) { self = text.map { JSON($0) } ?? .null }

    /// The number, or `null`.
    init(orNull number: Int?) { self = number.map { JSON($0) } ?? .null }

    /// The time as RFC 3339, or `null`.
    init(orNull time: Timestamp?) { self = time.map { JSON($0.description) } ?? .null }

    /// Stored JSON as JSON, not as a string; bytes that are none as a string.
    init(stored bytes: [UInt8]?) {
        guard let bytes else {
            self = .null
            return
        }
        do throws(JSONError) {
            self = try JSON(parsing: bytes)
        } catch {
            self = .string(String(decoding: bytes, as: UTF8.self))
        }
    }
}

import PenstockSQL

extension SQLValue {
    /// How many bytes it has on its way, as a binary value.
    var byteCount: Int {
        switch self {
        case .null: 0
        case .integer, .real: 8
        case .text(let text): text.utf8.count
        case .utf8(let bytes), .blob(let bytes): bytes.count
        }
    }

    /// Why a MySQL server cannot keep it as it is: it would alter it, or refuse it in words that hold it.
    var fault: String? {
        switch self {
        case .real(let real) where !real.isFinite: "is no finite number, and MySQL knows no other"
        case .utf8(let bytes) where !Self.isUTF8(bytes): "is given as a text and is not UTF-8"
        default: nil
        }
    }

    private static func isUTF8(_ bytes: [UInt8]) -> Bool {
        do {
            _ = try UTF8Span(validating: bytes.span)
            return true
        } catch {
            return false
        }
    }
}

extension SQLCommand {
    var hasSeveralRows: Bool { width.map { $0 < values.count } ?? false }

    /// Refuses what would not arrive as it was given.
    func check() throws(SQLError) {
        for (index, value) in values.enumerated() {
            if let fault = value.fault { throw .unfit(reason: "Value \(index + 1) \(fault).") }
        }
    }
}

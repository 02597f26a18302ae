// JSON from text, in whatever shape the bytes are held.

extension JSON {
    /// Reads a JSON text; also Python's `NaN` and infinities, and of a key that stands twice the last value
    /// counts.
    ///
    /// - Throws: ``JSONError``, a sentence that says what was expected where.
    public init(parsing text: String) throws(JSONError) {
        try self.init(parsing: text, limits: .stored)
    }

    /// Reads a JSON text.
    package init(parsing text: String, limits: JSONLimits) throws(JSONError) {
        self = try text.withBytes { bytes in
            Result { () throws(JSONError) in try JSON(parsing: bytes, limits: limits) }
        }.get()
    }

    /// Reads a JSON text in UTF-8.
    package init(parsing bytes: [UInt8], limits: JSONLimits = .stored) throws(JSONError) {
        self = try bytes.withUnsafeBufferPointer { bytes throws(JSONError) in
            try JSON(parsing: bytes, limits: limits)
        }
    }

    /// Reads a JSON text in UTF-8.
    package init(parsing bytes: ArraySlice<UInt8>, limits: JSONLimits = .stored) throws(JSONError) {
        self = try bytes.withUnsafeBufferPointer { bytes throws(JSONError) in
            try JSON(parsing: bytes, limits: limits)
        }
    }

    /// Reads a JSON text in UTF-8.
    package init(parsing bytes: Span<UInt8>, limits: JSONLimits = .stored) throws(JSONError) {
        self = try bytes.withUnsafeBufferPointer { bytes throws(JSONError) in
            try JSON(parsing: bytes, limits: limits)
        }
    }

    /// Reads a JSON text in UTF-8.
    package init(parsing bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits = .stored) throws(JSONError) {
        // No bytes may have no address.
        guard let base = bytes.baseAddress else {
            self = try JSON(parsing: [0x20], limits: limits)
            return
        }
        var parser = JSONParser(base: base, count: bytes.count, limits: limits)
        do throws(JSONParser.Fault) {
            self = try parser.parse()
        } catch {
            throw JSONError(error, in: bytes, limits: limits)
        }
    }
}

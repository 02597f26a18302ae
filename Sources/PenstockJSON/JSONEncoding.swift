/// One value being encoded, straight into one run of bytes.
///
/// `Codable` mostly opens and fills its containers like brackets, innermost last. What does not, a nested
/// container or a super-encoder that may be filled at any later time, is an encoding of its own, put in place
/// at the end.
///
/// What happens between two calls of foreign code is in ``State``; here is what calls it.
final class JSONEncoding {
    // Behind a pointer an access costs nothing; in a stored property it is checked each time, which took
    // longer than all the rest. No access to the state lasts while foreign code runs.
    private let storage: UnsafeMutablePointer<State>

    var state: State {
        @inline(__always) _read { yield storage.pointee }
        @inline(__always) _modify { yield &storage.pointee }
    }

    init(path: [any CodingKey]) {
        storage = .allocate(capacity: 1)
        storage.initialize(to: State(path: path))
    }

    deinit {
        storage.deinitialize(count: 1)
        storage.deallocate()
    }

    /// Writes the value of the whole encoding, or what a value says of itself as a single value.
    @inline(__always)
    func single<T: Encodable>(_ value: T, of serial: Int) throws {
        try state.startSingle(of: serial)
        if state.sink.appendDirectly(value) {
            state.endSingle()
        } else {
            try value.encode(to: JSONValueEncoder(encoding: self, serial: serial))
        }
    }

    /// Writes a member of an object.
    @inline(__always)
    func member<T: Encodable>(_ value: T, under key: some CodingKey, of serial: Int) throws {
        let start = try state.startMember(key.stringValue, of: serial)
        if !state.sink.appendDirectly(value) { try writeFramed(value, under: key, startedAt: start) }
        if let earlier = start.earlier { state.removeMember(earlier) }
    }

    /// Writes an element of an array.
    @inline(__always)
    func element<T: Encodable>(_ value: T, of serial: Int) throws {
        let start = try state.startElement(of: serial)
        if !state.sink.appendDirectly(value) {
            try writeFramed(value, under: JSONIndex(state.count - 1), startedAt: start)
        }
    }

    /// Writes a value that has its own idea of how it is encoded.
    private func writeFramed<T: Encodable>(_ value: T, under key: some CodingKey, startedAt start: Start)
        throws
    {
        let serial = state.openFrame(under: key)
        do {
            try value.encode(to: JSONValueEncoder(encoding: self, serial: serial))
        } catch {
            state.goBack(to: start)
            throw error
        }
        state.closeFrame()
    }
}

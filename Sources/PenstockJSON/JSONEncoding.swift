/// One value being encoded, straight into one run of bytes.
///
/// `Codable` mostly opens and fills its containers like brackets, innermost last. What does not, a nested container
/// or a super-encoder that may be filled at any later time, is an encoding of its own, put in place at the end.
final class JSONEncoding {
    /// A value that is open for writing.
    struct Frame {
        /// What the value has turned out to be so far.
        enum Kind {
            case undecided, single, object, array
        }

        /// Which value it is: no other of this encoding has the number.
        let serial: Int
        var kind = Kind.undecided
        /// How many members or elements it has.
        var count = 0
        var keys: WrittenKeys.Group
    }

    /// All that must be put back when a value cannot be encoded and its owner goes on without it.
    private struct Mark {
        let frame: Frame
        let bytes: Int
        let keys: Int
        let gaps: Int
        let outer: Int
        let path: Int
    }

    /// An encoding whose bytes belong at an offset of this one's.
    private struct Gap {
        var offset: Int
        let content: JSONEncoding
    }

    private var sink = ByteSink()
    private var frame = Frame(serial: 0, keys: WrittenKeys.Group(first: 0))
    private var outer: [Frame] = []
    private var keys = WrittenKeys()
    private var gaps: [Gap] = []
    private var lastSerial = 0
    private(set) var path: [any CodingKey]
    /// What a call that cannot throw would have thrown.
    private var misuse: EncodingError?

    init(path: [any CodingKey]) { self.path = path }

    /// How many members or elements the value has that is being written.
    var count: Int { frame.count }

    /// Ends the encoding and hands its bytes over.
    func finish() throws -> ByteSink {
        close()
        if let misuse { throw misuse }
        var done = ByteSink(capacity: 1)
        if gaps.isEmpty {
            swap(&done, &sink)
            return done
        }
        var copied = 0
        for gap in gaps {
            done.append(UnsafeBufferPointer(rebasing: sink.bytes[copied..<gap.offset]))
            copied = gap.offset
            let content = try gap.content.finish()
            done.append(content.bytes)
        }
        done.append(UnsafeBufferPointer(rebasing: sink.bytes[copied...]))
        return done
    }
}

// MARK: - Values

extension JSONEncoding {
    /// Writes the value of the whole encoding, or what a value says of itself as a single value.
    @inline(__always)
    func single<T: Encodable>(_ value: T, of serial: Int) throws {
        try check(serial)
        guard frame.kind == .undecided else { throw mixed() }
        if sink.appendDirectly(value) {
            frame.kind = .single
        } else {
            try value.encode(to: JSONValueEncoder(encoding: self, serial: serial))
        }
    }

    /// Writes a member of an object.
    @inline(__always)
    func member<T: Encodable>(_ value: T, under key: some CodingKey, of serial: Int) throws {
        try check(serial)
        let before = frame
        let start = sink.count
        let earlier = startMember(key.stringValue)
        if !sink.appendDirectly(value) {
            try writeFramed(value, under: key, orGoBackTo: before, at: start, keys: keys.count - 1)
        }
        if let earlier { removeMember(earlier) }
    }

    /// Writes an element of an array.
    @inline(__always)
    func element<T: Encodable>(_ value: T, of serial: Int) throws {
        try check(serial)
        let before = frame
        let start = sink.count
        startElement()
        if !sink.appendDirectly(value) {
            let key = JSONIndex(before.count)
            try writeFramed(value, under: key, orGoBackTo: before, at: start, keys: keys.count)
        }
    }

    /// Writes a value that has its own idea of how it is encoded.
    private func writeFramed<T: Encodable>(
        _ value: T, under key: some CodingKey, orGoBackTo before: Frame, at start: Int, keys keyCount: Int
    ) throws {
        let mark = Mark(
            frame: before, bytes: start, keys: keyCount, gaps: gaps.count, outer: outer.count,
            path: path.count)
        outer.append(frame)
        path.append(key)
        lastSerial += 1
        frame = Frame(serial: lastSerial, keys: keys.newGroup)
        do {
            try value.encode(to: JSONValueEncoder(encoding: self, serial: lastSerial))
        } catch {
            goBack(to: mark)
            throw error
        }
        close()
        path.removeLast()
        if let before = outer.popLast() { frame = before }
    }

    /// Writes what stands before an element.
    @inline(__always)
    private func startElement() {
        if frame.count > 0 { sink.append(byte: UInt8(ascii: ",")) }
        frame.count &+= 1
    }

    /// Writes what stands before the value of a member.
    ///
    /// - Returns: Which earlier member has this key too.
    @inline(__always)
    private func startMember(_ name: String) -> Int? {
        startElement()
        let start = sink.count
        let kind = sink.appendKey(name)
        let earlier = keys.note(kind, at: start, in: &frame.keys, writtenIn: sink)
        sink.append(byte: UInt8(ascii: ":"))
        return earlier
    }

    /// Takes a member out that another of the same key has replaced.
    private func removeMember(_ earlier: Int) {
        let range = keys.remove(earlier, in: &frame.keys)
        sink.remove(range)
        gaps.removeAll { range.contains($0.offset) }
        for place in gaps.indices where gaps[place].offset >= range.upperBound {
            gaps[place].offset -= range.count
        }
        frame.count -= 1
    }

    /// Writes the closing bracket; a value that has said nothing is an empty object.
    private func close() {
        switch frame.kind {
        case .single: return
        case .object: sink.append(byte: UInt8(ascii: "}"))
        case .array: sink.append(byte: UInt8(ascii: "]"))
        case .undecided: sink.append(raw: "{}")
        }
        keys.drop(frame.keys)
    }

    private func goBack(to mark: Mark) {
        sink.truncate(to: mark.bytes)
        keys.truncate(to: mark.keys)
        gaps.removeLast(gaps.count - mark.gaps)
        outer.removeLast(outer.count - mark.outer)
        path.removeLast(path.count - mark.path)
        frame = mark.frame
    }
}

// MARK: - Containers

extension JSONEncoding {
    /// Opens the value as an object or array, or goes on with it.
    func open(_ kind: Frame.Kind, serial: Int) {
        guard serial == frame.serial else { return note(outOfTurn()) }
        switch frame.kind {
        case .undecided:
            frame.kind = kind
            sink.append(byte: kind == .object ? UInt8(ascii: "{") : UInt8(ascii: "["))
        case kind: break
        default: note(mixed())
        }
    }

    /// Leaves room for a member that may be written at any time before the end.
    func memberLater(under key: some CodingKey, of serial: Int) -> JSONEncoding {
        let content = JSONEncoding(path: path + [key])
        guard serial == frame.serial else {
            note(outOfTurn())
            return content
        }
        let earlier = startMember(key.stringValue)
        gaps.append(Gap(offset: sink.count, content: content))
        if let earlier { removeMember(earlier) }
        return content
    }

    /// Leaves room for an element that may be written at any time before the end.
    func elementLater(of serial: Int) -> JSONEncoding {
        let content = JSONEncoding(path: path + [JSONIndex(frame.count)])
        guard serial == frame.serial else {
            note(outOfTurn())
            return content
        }
        startElement()
        gaps.append(Gap(offset: sink.count, content: content))
        return content
    }

    @inline(__always)
    private func check(_ serial: Int) throws {
        guard serial == frame.serial else { throw outOfTurn() }
    }

    private func note(_ error: EncodingError) {
        if misuse == nil { misuse = error }
    }

    private func mixed() -> EncodingError {
        error("a value must be encoded as one object, one array or one single value, and once")
    }

    private func outOfTurn() -> EncodingError {
        error("a container must not be used while another value is being encoded, or after its own")
    }

    private func error(_ sentence: String) -> EncodingError {
        let place = path.isEmpty ? "" : " (at \(path.sentence))"
        return .invalidValue(
            JSON.null, EncodingError.Context(codingPath: path, debugDescription: sentence + place))
    }
}

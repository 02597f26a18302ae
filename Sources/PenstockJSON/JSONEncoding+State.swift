extension JSONEncoding {
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

    /// What a member or element began with: all that must be put back when it cannot be encoded and its owner
    /// goes on without it.
    struct Start {
        let bytes: Int
        let depth: Int
        let keys: Int
        let gaps: Int
        let outer: Int
        let path: Int
        /// Which earlier member of the object has the same key.
        var earlier: Int?
    }

    /// An encoding whose bytes belong at an offset of this one's.
    struct Gap {
        var offset: Int
        let depth: Int
        let content: JSONEncoding
    }

    /// What has been written so far, and which values are open.
    struct State: ~Copyable {
        var sink = ByteSink()
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
    }
}

// MARK: - Values

extension JSONEncoding.State {
    /// Makes sure that a single value is due.
    @inline(__always)
    func startSingle(of serial: Int) throws {
        guard serial == frame.serial else { throw outOfTurn() }
        guard frame.kind == .undecided else { throw mixed() }
    }

    @inline(__always)
    mutating func endSingle() { frame.kind = .single }

    /// Writes what stands before an element.
    @inline(__always)
    mutating func startElement(of serial: Int) throws -> JSONEncoding.Start {
        guard serial == frame.serial else { throw outOfTurn() }
        let start = JSONEncoding.Start(
            bytes: sink.count, depth: sink.depth, keys: keys.count, gaps: gaps.count, outer: outer.count,
            path: path.count)
        if frame.count > 0 { sink.append(byte: UInt8(ascii: ",")) }
        frame.count &+= 1
        return start
    }

    /// Writes what stands before the value of a member.
    @inline(__always)
    mutating func startMember(_ name: String, of serial: Int) throws -> JSONEncoding.Start {
        var start = try startElement(of: serial)
        let offset = sink.count
        let kind = sink.appendKey(name)
        start.earlier = keys.note(kind, at: offset, in: &frame.keys, writtenIn: sink)
        sink.append(byte: UInt8(ascii: ":"))
        return start
    }

    /// Takes a member out that another of the same key has replaced.
    mutating func removeMember(_ earlier: Int) {
        let range = keys.remove(earlier, in: &frame.keys)
        sink.remove(range)
        gaps.removeAll { range.contains($0.offset) }
        for place in gaps.indices where gaps[place].offset >= range.upperBound {
            gaps[place].offset -= range.count
        }
        frame.count -= 1
    }

    /// Opens the member or element that was started as a value of its own.
    ///
    /// - Returns: Its number.
    mutating func openFrame(under key: some CodingKey) -> Int {
        outer.append(frame)
        path.append(key)
        lastSerial += 1
        frame = JSONEncoding.Frame(serial: lastSerial, keys: keys.newGroup)
        return lastSerial
    }

    mutating func closeFrame() {
        close()
        path.removeLast()
        if let before = outer.popLast() { frame = before }
    }

    /// Writes the closing bracket; a value that has said nothing is an empty object.
    private mutating func close() {
        switch frame.kind {
        case .single: return
        case .object: sink.close("}")
        case .array: sink.close("]")
        case .undecided: sink.append(raw: "{}")
        }
        keys.drop(frame.keys)
    }

    /// Forgets a member or element, and whatever was opened in it.
    mutating func goBack(to start: JSONEncoding.Start) {
        frame = outer[start.outer]
        frame.count -= 1
        sink.truncate(to: start.bytes, depth: start.depth)
        keys.truncate(to: start.keys, in: &frame.keys)
        gaps.removeLast(gaps.count - start.gaps)
        outer.removeLast(outer.count - start.outer)
        path.removeLast(path.count - start.path)
    }

    /// Ends the encoding and hands its bytes over.
    mutating func finish() throws -> ByteSink {
        close()
        if let misuse { throw misuse }
        var done = ByteSink(capacity: 1)
        if gaps.isEmpty {
            swap(&done, &sink)
        } else {
            try assemble(into: &done)
        }
        return done
    }

    /// Copies what was written with all gaps filled.
    private func assemble(into done: inout ByteSink) throws {
        done.note(depth: sink.greatestDepth)
        var copied = 0
        for gap in gaps {
            done.append(UnsafeBufferPointer(rebasing: sink.bytes[copied..<gap.offset]))
            copied = gap.offset
            let content = try gap.content.state.finish()
            done.append(content.bytes)
            done.note(depth: gap.depth + content.greatestDepth)
        }
        done.append(UnsafeBufferPointer(rebasing: sink.bytes[copied...]))
    }
}

// MARK: - Containers

extension JSONEncoding.State {
    /// Opens the value as an object or array, or goes on with it.
    mutating func open(_ kind: JSONEncoding.Frame.Kind, serial: Int) {
        guard serial == frame.serial else { return note(outOfTurn()) }
        switch frame.kind {
        case .undecided:
            frame.kind = kind
            sink.open(kind == .object ? "{" : "[")
        case kind: break
        default: note(mixed())
        }
    }

    /// Leaves room for a member that may be written at any time before the end.
    mutating func memberLater(under key: some CodingKey, of serial: Int) -> JSONValueEncoder {
        later(under: key) { state throws in
            try state.startMember(key.stringValue, of: serial)
        }
    }

    /// Leaves room for an element that may be written at any time before the end.
    mutating func elementLater(of serial: Int) -> JSONValueEncoder {
        later(under: JSONIndex(frame.count)) { state throws in try state.startElement(of: serial) }
    }

    private mutating func later(
        under key: some CodingKey, _ start: (inout Self) throws -> JSONEncoding.Start
    ) -> JSONValueEncoder {
        let content = JSONEncoding(path: path + [key])
        do {
            let start = try start(&self)
            gaps.append(JSONEncoding.Gap(offset: sink.count, depth: sink.depth, content: content))
            if let earlier = start.earlier { removeMember(earlier) }
        } catch { note(error) }
        return JSONValueEncoder(encoding: content, serial: 0)
    }

    private mutating func note(_ error: any Error) {
        if misuse == nil { misuse = error as? EncodingError }
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

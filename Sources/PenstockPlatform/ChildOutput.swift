/// What becomes of a program's standard output.
enum ChildOutput {
    case discarded
    /// Kept whole, up to a limit in bytes.
    case collected([UInt8], limit: Int)
    /// Taken line by line, one for each question; the bytes after the last line's end, and the limit of a
    /// line.
    case answers([UInt8], limit: Int)

    enum Taken: Hashable {
        case more
        case answer([UInt8])
        case tooLarge(limit: Int)
        /// There is more behind the answer's end, or something before the question: the beginning of all that.
        case unasked([UInt8])
    }

    /// How much is told of what nobody asked for, in bytes.
    private static let toldBytes = 200

    /// Takes what was read; `isAsked` says whether a question waits for its answer.
    mutating func take(_ bytes: ArraySlice<UInt8>, isAsked: Bool) -> Taken {
        switch self {
        case .discarded: return .more
        case .collected(var kept, let limit):
            self = .discarded  // The one reference to the bytes is ours: no copy.
            guard kept.count + bytes.count <= limit else { return .tooLarge(limit: limit) }
            kept.append(contentsOf: bytes)
            self = .collected(kept, limit: limit)
            return .more
        case .answers(var kept, let limit):
            if !isAsked { return .unasked(Array(bytes.prefix(Self.toldBytes))) }
            self = .discarded
            let end = bytes.firstIndex(of: UInt8(ascii: "\n"))
            let part = bytes[..<(end ?? bytes.endIndex)]
            guard kept.count + part.count <= limit else { return .tooLarge(limit: limit) }
            kept.append(contentsOf: part)
            guard let end else {
                self = .answers(kept, limit: limit)
                return .more
            }
            self = .answers([], limit: limit)
            return end + 1 == bytes.endIndex
                ? .answer(kept) : .unasked(Array((kept + bytes[end...]).prefix(Self.toldBytes)))
        }
    }

    var bytes: [UInt8] {
        switch self {
        case .discarded: []
        case .collected(let kept, _), .answers(let kept, _): kept
        }
    }
}

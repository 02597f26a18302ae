import PenstockModel

/// A session of llmfy 0.11 without its states, in the order in which it was written: by time, then step, then id.
struct LlmfyOutline: Sendable {
    struct Row: Sendable {
        var id: CheckpointID
        var created: Timestamp
        /// Counted anew in each run.
        var step: Int
        /// How the state begins, as it is stored.
        var beginning: [UInt8]
    }

    /// Where a row stands in the session as it is copied.
    struct Place: Sendable, Hashable {
        var step: Int
        var timestamp: Timestamp
    }

    let marks: [CheckpointMark]
    let places: [CheckpointID: Place]
    /// As llmfy's sessions have none: with epoch 0.
    let record: SessionRecord

    /// - Throws: ``CheckpointerError/unreadable(what:reason:)`` when a state is compressed or encrypted.
    init?(_ rows: [Row], of session: SessionID) throws(CheckpointerError) {
        guard !rows.isEmpty else { return nil }
        for row in rows {
            guard let packing = LlmfyPacking(row.beginning) else { continue }
            throw .unreadable(what: "session \(session)", reason: packing.sentence)
        }
        let sorted = rows.sorted { ($0.created, $0.step, $0.id.text) < ($1.created, $1.step, $1.id.text) }
        var marks: [CheckpointMark] = []
        var places: [CheckpointID: Place] = [:]
        var last: Timestamp?
        for (index, row) in sorted.enumerated() {
            // Ours are a millisecond apart at least: some databases keep no more.
            let time = last.map { $0 < row.created ? row.created : $0.advanced(by: .milliseconds(1)) }
            let place = Place(step: index + 1, timestamp: time ?? row.created)
            marks.append(CheckpointMark(id: row.id, step: place.step))
            places[row.id] = place
            last = place.timestamp
        }
        self.marks = marks
        self.places = places
        record = SessionRecord(
            id: session, epoch: 0, owner: "", head: marks.count,
            created: sorted[0].created, updated: last ?? sorted[0].created)
    }

    var head: SessionHead { SessionHead(record: nil, latest: marks.last?.id) }
}

/// What llmfy 0.11 can do to a state that we cannot undo: zlib and Fernet are no libraries of ours.
enum LlmfyPacking: Hashable, Sendable {
    case compressed
    case encrypted
    case unknown

    /// `nil` for a state that is plain JSON. SQL stores hold the bytes, Redis base64 of them as a string.
    init?(_ beginning: [UInt8]) {
        let text = beginning[...].trimmed
        if text.first == UInt8(ascii: "{") { return nil }
        if text.first == 0x78 || text.starts(with: "\"eJ".utf8) || text.starts(with: "eJ".utf8) {
            self = .compressed
        } else if ["gAAAA", "\"gAAAA", "\"Z0FBQUFB"].contains(where: { text.starts(with: $0.utf8) }) {
            self = .encrypted
        } else {
            self = .unknown
        }
    }

    var sentence: String {
        let how =
            switch self {
            case .compressed: "compressed (zlib)"
            case .encrypted: "encrypted (Fernet)"
            case .unknown: "as no JSON object: compressed or encrypted, perhaps"
            }
        return
            "llmfy 0.11 keeps its states \(how), which is not read here; have llmfy load and save them in a store "
            + "without compress and encryption_key, and copy that one"
    }
}

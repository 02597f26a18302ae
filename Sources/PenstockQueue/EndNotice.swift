import PenstockJSON

/// The element that stands in `ended:<id>` when a job has ended: JSON, for a producer in any language.
enum EndNotice {
    /// `{"id":"7","status":"done","result":{…}}`, or `"stored":true` when the result is too large to stand here.
    static func done(id: String, result: [UInt8]?) -> [UInt8] {
        var notice = opening(id, "done", room: result?.count ?? 0)
        if let result {
            notice.append(contentsOf: ",\"result\":".utf8)
            notice.append(contentsOf: result)
        } else {
            notice.append(contentsOf: ",\"stored\":true".utf8)
        }
        notice.append(UInt8(ascii: "}"))
        return notice
    }

    /// `{"id":"7","status":"dead","reason":"failed","error":"…"}`.
    static func dead(id: String, reason: String, error: String) -> [UInt8] {
        var notice = opening(id, "dead", room: reason.utf8.count + error.utf8.count)
        notice.append(contentsOf: ",\"reason\":".utf8)
        appendJSONString(reason, to: &notice)
        notice.append(contentsOf: ",\"error\":".utf8)
        appendJSONString(error, to: &notice)
        notice.append(UInt8(ascii: "}"))
        return notice
    }

    /// `{"id":"7","status":"cancelled","reason":"cancelled","error":"…"}`.
    static func cancelled(id: String, reason: String) -> [UInt8] {
        var notice = opening(id, "cancelled", room: reason.utf8.count)
        notice.append(contentsOf: ",\"reason\":\"cancelled\",\"error\":".utf8)
        appendJSONString(reason, to: &notice)
        notice.append(UInt8(ascii: "}"))
        return notice
    }

    /// The beginning, with room for so many more bytes of content.
    private static func opening(_ id: String, _ status: String, room: Int) -> [UInt8] {
        var notice: [UInt8] = []
        notice.reserveCapacity(room + id.utf8.count + 64)
        notice.append(contentsOf: "{\"id\":".utf8)
        appendJSONString(id, to: &notice)
        notice.append(contentsOf: ",\"status\":".utf8)
        appendJSONString(status, to: &notice)
        return notice
    }
}

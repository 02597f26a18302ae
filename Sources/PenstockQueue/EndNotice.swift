import PenstockJSON

/// The element that stands in `ended:<id>` when a job has ended: JSON, for a producer in any language.
enum EndNotice {
    /// `{"id":"7","status":"done","result":{…}}`, or `"stored":true` when the result is too large to stand here.
    static func done(id: String, result: [UInt8]?) -> [UInt8] {
        var notice = opening(id, "done")
        if let result {
            notice.append(contentsOf: Array(",\"result\":".utf8))
            notice.append(contentsOf: result)
        } else {
            notice.append(contentsOf: Array(",\"stored\":true".utf8))
        }
        notice.append(UInt8(ascii: "}"))
        return notice
    }

    /// `{"id":"7","status":"dead","reason":"failed","error":"…"}`.
    static func dead(id: String, reason: String, error: String) -> [UInt8] {
        var notice = opening(id, "dead")
        notice.append(contentsOf: Array(",\"reason\":".utf8))
        appendJSONString(reason, to: &notice)
        notice.append(contentsOf: Array(",\"error\":".utf8))
        appendJSONString(error, to: &notice)
        notice.append(UInt8(ascii: "}"))
        return notice
    }

    private static func opening(_ id: String, _ status: String) -> [UInt8] {
        var notice = Array("{\"id\":".utf8)
        appendJSONString(id, to: &notice)
        notice.append(contentsOf: Array(",\"status\":".utf8))
        appendJSONString(status, to: &notice)
        return notice
    }
}

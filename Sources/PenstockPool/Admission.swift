import PenstockEngine
import PenstockModel
import PenstockQueue

/// What is to be done with a claim before any store is asked.
enum Admission {
    /// It can never be run.
    case bury(Burial)
    /// Another worker may know its flow, or its format: it comes back later.
    case awaitAnother(sentence: String, flow: String, expiresAt: Timestamp?)
    /// It can be run.
    case admit(JobMessage, FlowRunner)

    /// Reads the message in full and holds it against what the scripts read of it: two readers must not lock one session
    /// and open another.
    init(_ claim: Claim, flows: [FlowName: FlowRunner], maxBytes: Int) {
        let message: JobMessage
        do throws(MessageFault) {
            message = try JobMessage(
                parsing: claim.message,
                maxBytes: claim.pushedBytes <= maxBytes ? claim.message.count : maxBytes)
        } catch {
            switch error {
            case .refused(let sentence):
                self = .bury(Burial(reason: "refused", error: sentence))
            case .newer:
                let sentence = error.description
                // Only a job has a turn and a record to come back with.
                self =
                    claim.kind == .job
                    ? .awaitAnother(sentence: sentence, flow: "", expiresAt: nil)
                    : .bury(Burial(reason: "refused", error: sentence))
            }
            return
        }
        switch claim.kind {
        case .unreadable:
            self = .bury(
                Burial(
                    reason: "refused",
                    error: JobMessage.unpairedKey(in: claim.message, maxBytes: maxBytes).map {
                        "\"\($0)\" has half of a surrogate pair in it (\\ud800 to \\udfff), which Redis' scripts cannot read: "
                            + "write both halves, or \\ufffd"
                    } ?? "the message is read differently by Redis' scripts and by the worker",
                    flow: message.flow.text))
        case .conflict:
            self = .bury(
                Burial(
                    reason: "conflict",
                    error:
                        "job \(message.id) is known with another session or flow than \(message.session) and \(message.flow)",
                    flow: message.flow.text))
        case .job where message.id.text != claim.id || message.session.text != claim.session:
            self = .bury(
                Burial(
                    reason: "refused",
                    error:
                        "the message is read differently by Redis' scripts (job \(claim.id), session \(claim.session)) "
                        + "and by the worker (job \(message.id), session \(message.session))",
                    flow: message.flow.text))
        case .job:
            guard let runner = flows[message.flow] else {
                let known = flows.keys.sorted().map(\.text)
                self = .awaitAnother(
                    sentence: "this worker does not know the flow \"\(message.flow)\""
                        + Nearest.suggestion(for: message.flow.text, among: known)
                        + " (it knows: \(known.joined(separator: ", ")))",
                    flow: message.flow.text, expiresAt: message.expiresAt)
                return
            }
            self = .admit(message, runner)
        }
    }
}

extension Claim {
    /// The size of the message as it was pushed: a claim puts an id in front where there is none.
    fileprivate var pushedBytes: Int {
        let added = Array(#"{"id":"\#(id)","#.utf8)
        guard added.count == JobMessage.roomForID + 1, message.starts(with: added) else {
            return message.count
        }
        return message.count - JobMessage.roomForID
    }
}

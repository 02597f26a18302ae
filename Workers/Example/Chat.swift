import Penstock

/// One thing that was said.
struct Message: Codable, Hashable, Sendable {
    var from = ""
    var text = ""
}

/// A talk that goes on over many jobs: each job of the session brings messages, and finds all that were there before.
struct Talk: FlowState {
    var messages: [Message] = []

    static let reducers: [Reducer<Talk>] = [.append(\.messages)]
}

/// Answers the last message.
let chat = Flow<Talk>("chat", version: 1) {
    Node("answer") { talk, context in
        guard let last = talk.messages.last else {
            throw PermanentFailure("a talk begins with a message")
        }
        context.log.info("answering", ["from": last.from])
        let before = talk.messages.dropLast().last { $0.from == last.from }
        let memory = before.map { " Before that you said: \"\($0.text)\"." } ?? " Nice to meet you."
        return Update(
            \.messages, [Message(from: "example", text: "You said: \"\(last.text)\".\(memory)")])
    }
    Edge(.start, "answer")
    Edge("answer", .end)
}

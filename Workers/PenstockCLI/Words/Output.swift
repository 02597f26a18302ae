import Glibc
import Penstock
import PenstockJSON
import PenstockPlatform

/// Where a command's answer goes: text for people, or JSON for programs.
struct Output: Sendable {
    private let isTerminal: Bool
    /// Whether somebody looks at what is said beside the answer.
    private let showsProgress: Bool
    private(set) var isJSON = false
    private let put: @Sendable (StandardStream, [UInt8]) -> Void

    init(
        isTerminal: Bool, showsProgress: Bool = false,
        put: @escaping @Sendable (StandardStream, [UInt8]) -> Void
    ) {
        self.isTerminal = isTerminal
        self.showsProgress = showsProgress
        self.put = put
    }

    static let standard = Output(
        isTerminal: StandardStream.output.isTerminal, showsProgress: StandardStream.error.isTerminal
    ) { stream, bytes in
        // Whoever closed it has read enough.
        if !stream.write(bytes), stream == .output { exit(ExitCode.done.rawValue) }
    }

    func with(json: Bool) -> Output {
        var output = self
        output.isJSON = json
        return output
    }

    /// Writes bytes as they are.
    func write(_ bytes: [UInt8]) { put(.output, bytes) }

    /// Writes text as it is.
    func write(_ text: String) { write(Array(text.utf8)) }

    /// Writes a line.
    func line(_ text: String) { write(text + "\n") }

    /// Writes a JSON value: over several lines where somebody looks at it, in one where a program reads it.
    func json(_ value: JSON) { write(value.text(pretty: isTerminal) + "\n") }

    /// Writes the answer in the form that was asked for.
    func show(_ value: @autoclosure () -> JSON, _ text: @autoclosure () -> String) {
        if isJSON { json(value()) } else { write(text()) }
    }

    /// Writes a list in the form that was asked for; people are told where there is nothing to list.
    func list(_ values: @autoclosure () -> JSON, _ table: Table, orElse nothing: String) {
        if isJSON {
            json(values())
        } else if table.isEmpty {
            note(nothing)
        } else {
            write(table.text)
        }
    }

    /// Says that a list does not end where it was cut off, and how to see more.
    func noteMore(_ isMore: Bool, _ hint: String) {
        if isMore { note("there are more: \(hint)") }
    }

    /// Says something that is not the answer.
    func note(_ sentence: String) { put(.error, Array((sentence.withoutControls + "\n").utf8)) }

    /// Says how far it has come, in place of what was said before; the empty text takes that away.
    func progress(_ text: @autoclosure () -> String) {
        if showsProgress { put(.error, Array("\r\u{1b}[K\(text())".utf8)) }
    }

    /// Says why there is no answer.
    func complain(_ sentences: String) { note("penstock: \(sentences)") }
}

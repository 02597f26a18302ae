import PenstockEngine
import PenstockModel

/// A line that a node's program writes to standard error: for the log, or how far it is.
enum ErrorLine {
    private static let mark = "penstock:progress "

    /// Tells the line of a program that works for a node: `penstock:progress 0.4 pages scanned` is progress.
    static func tell(_ line: String, in context: NodeContext) {
        guard let (fraction, text) = progress(in: line) else {
            return context.log.info(line, ["from": "stderr"])
        }
        context.progress(fraction, text)
    }

    /// How far the program is and what it is at, if the line says so.
    static func progress(in line: some StringProtocol) -> (fraction: Double, text: String?)? {
        guard line.hasPrefix(mark) else { return nil }
        let words = line.dropFirst(mark.count).split(separator: " ", maxSplits: 1)
        guard let fraction = words.first.flatMap({ Double($0) }), fraction.isFinite else { return nil }
        return (fraction, words.count == 2 ? String(words[1]) : nil)
    }
}

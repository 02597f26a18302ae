/// Lays out terms and what they mean, for help texts.
package enum TwoColumns {
    private static let width = 100
    /// Longer terms have their meaning on the next line.
    private static let widestTerm = 30

    package static func text(_ rows: [(term: String, meaning: String)], indent: Int = 2) -> String {
        let longest = rows.map(\.term.count).filter { $0 <= widestTerm }.max() ?? 0
        let margin = String(repeating: " ", count: indent)
        let gap = String(repeating: " ", count: indent + longest + 2)
        var text = ""
        for (term, meaning) in rows {
            let lines = wrapped(meaning, to: width - gap.count)
            text += margin + term
            if term.count <= longest {
                text += String(repeating: " ", count: longest - term.count + 2)
            } else {
                text += "\n" + gap
            }
            text += lines.joined(separator: "\n" + gap) + "\n"
        }
        return text
    }

    private static func wrapped(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " " + word
        }
        return lines + [line]
    }
}

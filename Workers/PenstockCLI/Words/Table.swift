/// Rows and columns for people, aligned.
struct Table {
    private var rows: [[String]]
    private let alignsRight: [Bool]

    /// - Parameter header: The columns' names; one that ends with `#` holds numbers, which stand right.
    init(_ header: [String]) {
        alignsRight = header.map { $0.hasSuffix("#") }
        rows = [header.map { $0.hasSuffix("#") ? String($0.dropLast()) : $0 }]
    }

    mutating func add(_ cells: [String]) { rows.append(cells.map(\.oneLine)) }

    var isEmpty: Bool { rows.count == 1 }

    var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let gap = String(repeating: " ", count: widths[column] - cell.count)
                line += alignsRight[column] ? gap + cell : cell
                if column < row.count - 1 { line += alignsRight[column] ? "  " : gap + "  " }
            }
            return line + "\n"
        }.joined()
    }
}

/// What is known of one thing, a line each, for people.
struct Card {
    private var rows: [(name: String, value: String)] = []

    /// Adds a line; nothing for nothing.
    mutating func add(_ name: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        rows.append((name, value.withoutControls))
    }

    var text: String {
        let width = rows.map(\.name.count).max() ?? 0
        return rows.map { name, value in
            let gap = String(repeating: " ", count: width - name.count + 2)
            return name + gap
                + value.split(separator: "\n", omittingEmptySubsequences: false)
                .joined(separator: "\n" + String(repeating: " ", count: width + 2)) + "\n"
        }.joined()
    }
}

extension String {
    /// Without line breaks and other controls, for a cell or a line of its own.
    var oneLine: String { withoutControls(but: []) }

    /// Without what a terminal would obey; line breaks stay.
    var withoutControls: String { withoutControls(but: ["\n"]) }

    private func withoutControls(but kept: Set<Unicode.Scalar>) -> String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map {
                    $0.properties.generalCategory == .control && !kept.contains($0) ? " " : $0
                }))
    }

    func cut(to count: Int) -> String { self.count > count ? "\(prefix(count - 1))…" : self }
}

/// Finds what somebody who mistyped may have meant.
package enum Nearest {
    /// The candidate with the fewest edits from `text`, if these are few for its length (a third of it, at least 1).
    package static func candidate(to text: String, among candidates: some Sequence<String>) -> String? {
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let distance = editDistance(text.lowercased(), candidate.lowercased())
            if distance < best?.distance ?? Int.max { best = (candidate, distance) }
        }
        guard let best, best.distance <= max(1, best.candidate.count / 3) else { return nil }
        return best.candidate
    }

    /// `; did you mean "x"?` or nothing, to put at the end of a sentence.
    package static func suggestion(for text: String, among candidates: some Sequence<String>) -> String {
        candidate(to: text, among: candidates).map { "; did you mean \"\($0)\"?" } ?? ""
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one text into the other (Damerau-Levenshtein,
    /// optimal string alignment). Texts are cut at 64 characters.
    private static func editDistance(_ left: String, _ right: String) -> Int {
        let left = Array(left.prefix(64))
        let right = Array(right.prefix(64))
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 1...left.count {
            var current = [row]
            for column in 1...right.count {
                let replaced = last[column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1)
                var cost = min(replaced, last[column] + 1, current[column - 1] + 1)
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1]
                {
                    cost = min(cost, beforeLast[column - 2] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}

/// Patterns as `SCAN` and `KEYS` take them.
package enum RedisPattern {
    /// Matches what begins with exactly `start`, whatever in it a pattern takes for its own.
    package static func beginning(with start: String) -> String {
        var pattern = ""
        for character in start.unicodeScalars {
            if "*?[]^-\\".unicodeScalars.contains(character) { pattern.append("\\") }
            pattern.unicodeScalars.append(character)
        }
        return pattern + "*"
    }
}

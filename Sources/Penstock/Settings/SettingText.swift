import PenstockCheckpointers
import PenstockModel
package import PenstockPool

/// Reads the texts of settings.
package enum SettingText {
    private static let mostSeconds = Duration.tenYears.components.seconds

    package static func integer(
        _ text: String, in range: ClosedRange<Int>
    ) throws(SettingFault) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw .expected("a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Seconds, with a fraction or without, from `least` to ten years.
    package static func seconds(_ text: String, least: Double = 0) throws(SettingFault) -> Duration {
        guard let number = Double(text), number >= least, number <= Double(mostSeconds) else {
            let from = least == least.rounded() ? "\(Int(least))" : "\(least)"
            throw .expected("a number of seconds from \(from) to \(mostSeconds)")
        }
        return .microseconds(Int64(number * 1_000_000))
    }

    /// A number that 0 and `none` take away.
    package static func limit(_ text: String) throws(SettingFault) -> Int? {
        if text == "none" { return nil }
        guard let number = Int(text), number >= 0 else { throw .expected("a whole number from 1, 0 or none") }
        return number == 0 ? nil : number
    }

    /// Days, with a fraction or without, that 0 and `none` take away.
    package static func days(_ text: String) throws(SettingFault) -> Duration? {
        if text == "none" { return nil }
        let most = mostSeconds / 86_400
        guard let number = Double(text), number >= 0, number <= Double(most) else {
            throw .expected("a number of days up to \(most), 0 or none")
        }
        return number == 0 ? nil : .seconds(number * 86_400)
    }

    package static func bool(_ text: String) throws(SettingFault) -> Bool {
        switch text.lowercased() {
        // A flag that stands alone has an empty text.
        case "", "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw .expected("true or false")
        }
    }

    package static func word<Word: RawRepresentable<String> & CaseIterable>(
        _ text: String, of type: Word.Type
    ) throws(SettingFault) -> Word {
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map(\.rawValue)
            let list = words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
            throw .expected(list, suggestion: Nearest.suggestion(for: text, among: words))
        }
        return word
    }

    /// Names with commas between them, each once.
    package static func queues(_ text: String) throws(SettingFault) -> QueueOrder {
        var queues: [QueueName] = []
        var weights: [Int] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let words = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                word in
                String(word.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
            let queue: QueueName
            do {
                queue = try QueueName(checking: words.first ?? "")
            } catch {
                throw .sentence("names of queues with commas between them; \(error)")
            }
            guard !queues.contains(queue) else {
                throw .sentence("the queue \"\(queue)\" stands there twice")
            }
            queues.append(queue)
            guard words.count == 2 else { continue }
            guard let weight = Int(words[1]), (1...1_000_000).contains(weight) else {
                throw .sentence("the weight of \(queue) is a number from 1 to 1000000, not \"\(words[1])\"")
            }
            weights.append(weight)
        }
        guard weights.isEmpty || weights.count == queues.count else {
            throw .sentence("all queues have a weight (a=3,b=1), or none has: then their order is strict")
        }
        return QueueOrder(queues, weights: weights.isEmpty ? nil : weights)
    }

    /// What stands in front of keys in Redis.
    package static func keyPrefix(_ text: String) throws(SettingFault) -> String {
        guard (1...100).contains(text.utf8.count), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw .expected("1 to 100 visible ASCII characters, such as \"penstock:\"")
        }
        return text
    }

    /// What stands in front of the names of tables.
    package static func tablePrefix(_ text: String) throws(SettingFault) -> String {
        do {
            return try TablePrefix(text).text
        } catch {
            guard case .refused(let reason) = error else { throw .sentence("\(error)") }
            throw .sentence(reason)
        }
    }
}

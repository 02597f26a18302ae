import FoundationEssentials
package import PenstockModel

/// A time zone by its IANA name, with the rules that this machine has for it.
package struct CronZone: Hashable, Sendable {
    package let name: String
    let rules: ZoneRules

    package static let utc = CronZone(name: "UTC", rules: .utc)

    private static let folder = "/usr/share/zoneinfo"

    private init(name: String, rules: ZoneRules) {
        self.name = name
        self.rules = rules
    }

    /// Reads the zone's rules from the machine's tzdata; UTC needs none.
    package init(_ name: String) throws(CronFault) {
        if name == Self.utc.name {
            self = .utc
            return
        }
        guard FileManager.default.fileExists(atPath: Self.folder) else {
            throw CronFault(
                "the zone is UTC on a machine without \(Self.folder) (Debian's package tzdata), not \"\(name.prefix(60))\""
            )
        }
        guard Self.isName(name[...]),
            let bytes = FileManager.default.contents(atPath: "\(Self.folder)/\(name)"),
            let rules = ZoneRules([UInt8](bytes))
        else {
            throw CronFault(
                "the zone is a name from \(Self.folder), such as Europe/Berlin or UTC, not \"\(name.prefix(60))\""
                    + Self.suggestion(for: name))
        }
        self.init(name: name, rules: rules)
    }

    /// Seconds east of UTC at a moment.
    package func offset(at moment: Timestamp) -> Int64 {
        rules.period(at: moment.microseconds.flooredDivision(by: 1_000_000).quotient).offset
    }

    /// A path within the folder. What begins with a small letter is no zone, or a copy that counts leap seconds (`right/…`).
    private static func isName(_ text: Substring) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return parts.allSatisfy { $0.first?.isLetter == true && $0.utf8.allSatisfy(isNameByte) }
            && text.first?.isUppercase == true
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "+")
            || isIdentifierByte(byte) && byte != UInt8(ascii: ":") && byte != UInt8(ascii: ".")
    }

    private static func suggestion(for name: String) -> String {
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        let known = paths.filter { isName($0[...]) }.sorted()
        let small = name.lowercased()
        let place =
            known.first { $0.lowercased() == small } ?? known.first { $0.lowercased().hasSuffix("/" + small) }
        return place.map { "; did you mean \"\($0)\"?" } ?? Nearest.suggestion(for: name, among: known)
    }
}

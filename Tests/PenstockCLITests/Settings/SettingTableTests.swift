import Foundation
import Penstock
import Testing

@Suite("Table of settings")
struct SettingTableTests {
    /// A row of the table in Config/README.md.
    private struct Row: Equatable, CustomStringConvertible {
        let key: String
        let variable: String
        let standard: String

        var description: String { "\(key) \(variable) \(standard)" }
    }

    @Test func `Config README has every setting with its variable and its default`() throws {
        let readme = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Config/README.md")
        let text = try String(contentsOf: readme, encoding: .utf8)
        let rows = text.split(separator: "\n").compactMap { line -> Row? in
            let cells = line.split(separator: "|").map {
                $0.filter { $0 != "`" }.trimmingCharacters(in: .whitespaces)
            }
            guard line.hasPrefix("| `"), cells.count == 5, cells[1].hasPrefix("PENSTOCK_") else { return nil }
            return Row(key: cells[0], variable: cells[1], standard: cells[3])
        }
        #expect(rows == Setting.all.map { Row(key: $0.key, variable: $0.variable, standard: $0.standard) })
    }

    @Test func `no two settings have one name`() {
        #expect(Set(Setting.all.map(\.key)).count == Setting.all.count)
    }

    @Test func `every name says its unit`() {
        for setting in Setting.all {
            if setting.unit == "seconds" { #expect(setting.key.hasSuffix("_seconds"), "\(setting.key)") }
            if setting.unit == "days" { #expect(setting.key.hasSuffix("_days"), "\(setting.key)") }
            if setting.unit == "bytes" { #expect(setting.key.hasSuffix("_bytes"), "\(setting.key)") }
        }
    }
}

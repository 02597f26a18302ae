import PenstockJSON
import PenstockModel

/// An object of the file, its keys read as what they have to be; what is not is noted, and reading goes on.
struct Fields {
    let object: JSONObject
    let path: String
    let faults: FaultCollector
    /// Some 30 years: all that is meant, and what every clock can add.
    private static let longestSeconds = 1e9

    init(_ object: JSONObject, path: String, faults: FaultCollector) {
        self.object = object
        self.path = path
        self.faults = faults
    }

    func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    func refuse(_ key: String, _ sentence: String) { faults.add(place(key), sentence) }

    func refuseAll(but known: [String]) {
        for key in object.keys where !known.contains(key) {
            faults.add(path, "the key \"\(key)\" is unknown" + Nearest.suggestion(for: key, among: known))
        }
    }

    private func read<Value>(_ key: String, as expected: String, _ convert: (JSON) -> Value?) -> Value? {
        guard let json = object[key] else { return nil }
        guard let value = convert(json) else {
            let text = json.text
            refuse(key, "expected \(expected), not \(text.count > 60 ? "\(text.prefix(60))…" : text)")
            return nil
        }
        return value
    }

    func text(_ key: String) -> String? { read(key, as: "a string") { $0.string } }

    func flag(_ key: String) -> Bool? { read(key, as: "true or false") { $0.bool } }

    func integer(_ key: String, atLeast least: Int) -> Int? {
        read(key, as: "an integer of at least \(least)") { json in json.int.flatMap { $0 >= least ? $0 : nil }
        }
    }

    func number(_ key: String, atLeast least: Double) -> Double? {
        read(key, as: "a number of at least \(least)") { json in
            json.double.flatMap { $0 >= least && $0.isFinite ? $0 : nil }
        }
    }

    /// A limit in seconds.
    func limit(_ key: String) -> Duration? {
        read(key, as: "a number of seconds above 0") { json in
            json.double.flatMap { $0 > 0 && $0 < Self.longestSeconds ? Duration.seconds($0) : nil }
        }
    }

    /// A wait in seconds, which may be none.
    func wait(_ key: String) -> Duration? {
        read(key, as: "a number of seconds, 0 or above") { json in
            json.double.flatMap { $0 >= 0 && $0 < Self.longestSeconds ? Duration.seconds($0) : nil }
        }
    }

    /// An age in days.
    func days(_ key: String) -> Duration? {
        read(key, as: "a number of days, 0 or above") { json in
            json.double.flatMap { $0 >= 0 && $0 * 86_400 < Self.longestSeconds ? .seconds($0 * 86_400) : nil }
        }
    }

    func texts(_ key: String) -> [String]? {
        read(key, as: "a list of strings") { json in
            guard let array = json.array else { return nil }
            let texts = array.compactMap(\.string)
            return texts.count == array.count ? texts : nil
        }
    }

    func fields(_ key: String) -> Fields? {
        read(key, as: "an object") { $0.object }.map { Fields($0, path: place(key), faults: faults) }
    }

    func list(_ key: String) -> [JSON]? { read(key, as: "a list") { $0.array } }
}

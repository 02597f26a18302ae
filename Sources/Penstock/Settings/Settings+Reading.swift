import PenstockJSON
import PenstockModel
import PenstockRedis

/// Why settings cannot be used: everything that is wrong with them.
package struct SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One sentence each, with the place where it stands.
    package let faults: [String]

    package var description: String { faults.joined(separator: "\n") }
}

extension Settings {
    /// The file's own key: it can stand everywhere but in the file.
    package static let fileFlag = Flag(
        "config", .required("FILE"), "a JSON file with settings (PENSTOCK_CONFIG; see Config/README.md)")

    private static let fileVariable = "PENSTOCK_CONFIG"

    /// Reads settings from where they stand: a flag goes before the environment, the environment before the file, the file before
    /// the default.
    ///
    /// - Parameters:
    ///   - flags: Values by the flag's name; flags that are no settings are passed over.
    ///   - environment: The process's; an empty variable is one that is not set.
    ///   - readFile: Gives a file's contents, or throws a sentence.
    /// - Throws: ``SettingsError`` with all faults at once.
    package init(
        flags: [String: String], environment: [String: String],
        readFile: (String) throws(SettingFileError) -> [UInt8]
    ) throws(SettingsError) {
        self.init()
        var reader = SettingReader(settings: self)
        if let path = flags[Self.fileFlag.name] ?? environment[Self.fileVariable], !path.isEmpty {
            do throws(SettingFileError) {
                reader.read(file: try readFile(path), at: path)
            } catch {
                reader.faults.append("the settings in \(path) cannot be read: \(error.reason)")
            }
        }
        reader.read(environment: environment, except: Self.fileVariable)
        reader.read(flags: flags)
        reader.findSlot()
        guard reader.faults.isEmpty else { throw SettingsError(faults: reader.faults) }
        self = reader.settings
    }
}

/// Why a file cannot be read.
package struct SettingFileError: Error, Hashable, Sendable {
    package let reason: String

    package init(_ reason: String) {
        self.reason = reason
    }
}

/// Lays the layers of settings one over the other.
private struct SettingReader {
    var settings: Settings
    var faults: [String] = []

    /// What the programs of declared flows find in their environment; a `penstock` that they call must not stumble over it.
    private static let nodeVariables: Set<String> = [
        "PENSTOCK_FLOW", "PENSTOCK_NODE", "PENSTOCK_SESSION_ID", "PENSTOCK_JOB_ID", "PENSTOCK_STEP",
        "PENSTOCK_ATTEMPT", "PENSTOCK_IDEMPOTENCY_KEY",
    ]

    private static let mostFileBytes = 1 << 20

    mutating func read(file bytes: [UInt8], at path: String) {
        let json: JSON
        do {
            json = try JSON(parsing: bytes, limits: .message(bytes: Self.mostFileBytes))
        } catch {
            faults.append("\(path) is no JSON: \(error)")
            return
        }
        guard let object = json.object else {
            faults.append("\(path) has to hold one JSON object, not \(json.kind)")
            return
        }
        for (key, value) in object {
            guard let setting = Setting.all.first(where: { $0.key == key }) else {
                faults.append(
                    "\(path): the key \"\(key.prefix(60))\" is unknown"
                        + Nearest.suggestion(for: key, among: Setting.all.map(\.key)))
                continue
            }
            let place = "\(path): \"\(key)\""
            if let text = Self.text(of: value) {
                set(setting, to: text, at: place)
            } else {
                refuse(value, for: setting, at: place)
            }
        }
    }

    /// Says what a setting has to be that has a value of another kind.
    private mutating func refuse(_ value: JSON, for setting: Setting, at place: String) {
        let shown = value.text.count > 60 ? "\(value.text.prefix(60))…" : value.text
        var probe = settings
        do throws(SettingFault) {
            try setting.set(&probe, value.text)
            faults.append("\(place) is a text, not \(shown)")
        } catch {
            switch error {
            case .expected(let expected, _): faults.append("\(place) is \(expected), not \(shown)")
            case .sentence(let sentence): faults.append("\(place): \(sentence)")
            }
        }
    }

    /// A value in the file as it would stand in the environment.
    private static func text(of value: JSON) -> String? {
        switch value {
        case .string(let text): return text.isEmpty ? nil : text
        case .number(let number): return number.description
        case .bool(let bool): return bool ? "true" : "false"
        case .array(let values):
            let texts = values.compactMap(\.string)
            return texts.count == values.count ? texts.joined(separator: ",") : nil
        case .null, .unpaired, .object: return nil
        }
    }

    mutating func read(environment: [String: String], except fileVariable: String) {
        let isNode = environment["PENSTOCK_JOB_ID"] != nil
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where !text.isEmpty {
            guard name.hasPrefix(Setting.variablePrefix), name != fileVariable,
                !name.hasPrefix("PENSTOCK_TEST_"), !(isNode && Self.nodeVariables.contains(name))
            else { continue }
            guard let setting = Setting.all.first(where: { $0.variable == name }) else {
                faults.append(
                    "the variable \(name) is unknown"
                        + Nearest.suggestion(for: name, among: Setting.all.map(\.variable) + [fileVariable]))
                continue
            }
            set(setting, to: text, at: name)
        }
    }

    mutating func read(flags: [String: String]) {
        for setting in Setting.all {
            if let text = flags[setting.flagName] { set(setting, to: text, at: "--\(setting.flagName)") }
        }
    }

    /// In a cluster the prefix tells which node the queue is at.
    mutating func findSlot() {
        do throws(RedisAddressError) {
            settings.redis = try settings.redis.serving(prefix: settings.prefix)
        } catch {
            faults.append("prefix: \(error.description)")
        }
    }

    private mutating func set(_ setting: Setting, to text: String, at place: String) {
        do throws(SettingFault) {
            try setting.set(&settings, text)
        } catch {
            switch error {
            case .expected(let expected, let suggestion):
                let shown = text.count > 60 ? "\(text.prefix(60))…" : text
                faults.append("\(place) is \(expected), not \"\(shown)\"\(suggestion)")
            case .sentence(let sentence):
                faults.append("\(place): \(sentence)")
            }
        }
    }
}

import Glibc
public import PenstockEngine
import PenstockPlatform

/// A program that runs flows written in Swift, as `penstock work` runs declared ones.
///
/// ```swift
/// @main struct OrderWorker: Worker {
///     let carrier: Carrier
///     init() async throws { carrier = try await Carrier.connect() }
///     var flows: [any RunnableFlow] { [order(carrier)] }
/// }
/// ```
///
/// Its settings are those of `penstock work`: flags, `PENSTOCK_…` variables, a file. TERM, INT and HUP let what runs come to a
/// checkpoint. It ends with 0 when it was told to leave, with 1 when it could not be made, and with 2 when a setting
/// or a flow is wrong.
public protocol Worker: Sendable {
    /// Makes what the flows need; the settings are known to be good by then.
    init() async throws

    /// The flows that it runs. Asked once.
    var flows: [any RunnableFlow] { get }
}

extension Worker {
    /// Works until it is told to leave.
    @concurrent public static func main() async throws {
        exit(
            await WorkerProgram(name: "\(Self.self)", arguments: CommandLine.arguments.dropFirst()).run {
                try await Self().flows
            }.rawValue)
    }
}

/// A worker's command line.
struct WorkerProgram {
    let name: String
    let arguments: ArraySlice<String>

    func run(making flows: () async throws -> [any RunnableFlow]) async -> ExitCode {
        let settings: Settings
        do {
            let parsed = try ParsedArguments(arguments, known: Settings.workFlags)
            if parsed.has(ParsedArguments.helpFlag.name) {
                StandardStream.output.write(Array(help.utf8))
                return .done
            }
            if let word = parsed.words.first {
                throw ArgumentFault("nothing is expected here but flags, not \"\(word)\"")
            }
            settings = try Settings(flags: parsed.flags)
        } catch {
            return misused("\(error)")
        }
        let log = settings.log
        do {
            let set: FlowSet
            do {
                set = try FlowSet(try await flows() + settings.declaredFlows())
            } catch let error as FlowSetError {
                return misused(error.description)
            }
            return await WorkerProcess(settings, flows: set, log: log).run()
        } catch {
            log.error("the worker could not be made", ["error": "\(error)"])
            return .failed
        }
    }

    private func misused(_ sentences: String) -> ExitCode {
        for sentence in sentences.split(separator: "\n") {
            StandardStream.error.write(Array("\(name): \(sentence)\n".utf8))
        }
        return .misused
    }

    private var help: String {
        """
        A Penstock worker.

        Settings come from flags, then the environment, then the file, then the defaults:

        \(TwoColumns.text((Settings.workFlags + [ParsedArguments.helpFlag]).map { ($0.usage, $0.meaning) }))
        """
    }
}

extension Settings {
    /// What may stand behind `work`: every setting, and the file.
    package static let workFlags = [fileFlag] + Setting.all.map(\.flag)
}

import FoundationEssentials
import Glibc
import Penstock
import PenstockEngine
import PenstockModel
import PenstockPool
import PenstockRedis

extension Command {
    static let dev = Command(
        name: "dev",
        summary: "a private redis-server, a SQLite store and a worker, in one command",
        flags: [Flag("dir", .required("DIR"), "where all of it is kept (default: .penstock)")],
        settings: [.store, .work, .limits, .log],
        notes: """
            Runs the flows of --flows, or of the folder flows, or else a flow "greet" of its own. The server listens on a
            Unix socket, ends with this program, and keeps its jobs for the next time.
            """
    ) { invocation in
        let place = try DevPlace(invocation.arguments["dir"] ?? ".penstock")
        let settings = place.settings(over: invocation.settings)
        let flows: FlowSet
        do throws(FlowSetError) {
            flows = try FlowSet(settings.flows == nil ? [Greeting.flow] : try settings.declaredFlows())
        } catch {
            throw Failure.misused(error.description)
        }
        guard await !invocation.answers(place.redis) else {
            throw Failure.failed("another penstock dev is at work in \(place.folder)")
        }
        let server = PrivateRedis(
            at: place.socket, in: place.folder, options: ["--appendonly", "yes", "--appendfsync", "everysec"])
        try await server.waitUntilReady()
        let watch = Task {
            let reason = await server.end
            if Task.isCancelled { return }
            invocation.output.complain("the private redis-server has ended: \(reason)")
            exit(ExitCode.failed.rawValue)
        }
        let code = await WorkerProcess(settings, flows: flows, log: settings.log).run {
            invocation.output.write(
                place.welcome(settings, flow: flows.flows.first?.runner.name.text ?? "greet"))
        }
        watch.cancel()
        await server.stop()
        return code
    }
}

/// The flow that there is when nobody has written one.
private enum Greeting {
    struct Guest: FlowState {
        var name = "stranger"
        var greeting = ""
        var visits = 0
        static let reducers: [Reducer<Guest>] = [.sum(\.visits)]
    }

    static let flow = Flow<Guest>("greet", version: 1) {
        Node("count") { _, _ in Update(\.visits, 1) }
        Node("greet") { guest, _ in
            Update(\.greeting, "Hello, \(guest.name)! This is visit \(guest.visits).")
        }
        Edge(.start, "count")
        Edge("count", "greet")
        Edge("greet", .end)
    }
}

/// The folder in which `penstock dev` keeps everything.
struct DevPlace: Sendable {
    let folder: String
    let socket: String

    /// What an address of a Unix socket holds.
    private static let longestSocket = 107

    /// Makes the folder if there is none.
    init(_ path: String) throws(Failure) {
        let files = FileManager.default
        folder = path.hasPrefix("/") ? path : files.currentDirectoryPath + "/" + path
        socket = folder + "/redis.sock"
        guard socket.utf8.count <= Self.longestSocket else {
            throw .misused("the path \(socket) is too long for a socket: name a shorter --dir")
        }
        do {
            try files.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .misused("the folder \(folder) cannot be made: \(error)")
        }
    }

    var redis: RedisAddress { RedisAddress(place: .unix(path: socket)) }

    /// The settings, with the private server, and the store and the flows of the folder where nothing else was said.
    func settings(over given: Settings) -> Settings {
        var settings = given
        settings.redis = redis
        if settings.storeURL == nil { settings.storeURL = .sqlite(path: folder + "/penstock.db") }
        if settings.flows == nil, FileManager.default.fileExists(atPath: "flows") { settings.flows = "flows" }
        return settings
    }

    func welcome(_ settings: Settings, flow: String) -> String {
        let queue = settings.pool.queues.names.first?.text ?? "default"
        // What other flows take is not known here.
        let input = flow == "greet" ? #"{"name":"Ada"}"# : "{}"
        let example = #"{"flow":"\#(flow)","session_id":"user-123","input":\#(input)}"#
        return """
            penstock dev: Redis, a store and a worker in \(folder)

            In another terminal:

              export PENSTOCK_REDIS_URL=\(redis.description.replacing(" ", with: "%20"))
              export PENSTOCK_STORE_URL=\(settings.storeAddress)
              penstock enqueue \(flow) --session user-123 --input '\(input)' --wait
              redis-cli -s \(socket) LPUSH \(settings.prefix)queue:\(queue) '\(example)'
              penstock session history user-123

            Ctrl-C ends all of it; what was saved is there the next time.


            """
    }
}

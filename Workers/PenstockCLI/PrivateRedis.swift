import FoundationEssentials
import PenstockPlatform
import PenstockRedis

/// The private redis-server: it dies with this process, however that ends.
struct PrivateRedis {
    private static let startLimit: Duration = .seconds(10)

    private let address: RedisAddress
    private let log: String
    private let run: Task<Result<ChildProcess.Finished, ChildProcessError>, Never>

    /// Starts it; the options are those of redis-server's command line, such as how it persists.
    init(at socket: String, in folder: String, options: [String]) {
        address = RedisAddress(place: .unix(path: socket))
        log = folder + "/redis.log"
        let path = ProcessInfo.processInfo.environment["PATH"]
        let program = Program(
            [
                "redis-server", "--port", "0", "--unixsocket", socket, "--unixsocketperm", "700",
                "--dir", folder, "--logfile", log, "--daemonize", "no", "--save", "",
                "--maxmemory-policy", "noeviction",
            ] + options,
            environment: path.map { ["PATH": $0] } ?? [:], folder: folder)
        run = Task.detached {
            do throws(ChildProcessError) {
                return .success(try await ChildProcess.run(program, keepsOutput: false))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Why it has ended, once it has.
    var end: String {
        get async {
            switch await run.value {
            case .success(let finished): "\(finished.exit); see \(log)"
            case .failure(let error): "\(error)"
            }
        }
    }

    /// Waits until it answers.
    func waitUntilReady() async throws(Failure) {
        let client = RedisClient(address, settings: RedisSettings(commandLimit: Self.startLimit))
        let watch = Task {
            let reason = await end
            await client.close()
            return reason
        }
        do {
            try await client.connect()
        } catch .closed {
            throw .failed("the private redis-server has ended: \(await watch.value)")
        } catch {
            throw .failed("the private redis-server does not answer: \(error)")
        }
        await client.close()
    }

    /// Ends it, and waits for that.
    func stop() async {
        run.cancel()
        _ = await run.value
    }
}

import PenstockJSON
import PenstockTesting
import Testing

/// The worked example, as a program: a worker whose flows are written in Swift.
@Suite("The example", .timeLimit(.minutes(2)))
struct ExampleTests {
    private let program: PenstockProgram

    init() async throws {
        program = try PenstockProgram(with: try await TestRedis.shared)
    }

    @Test func `orders are charged unless they are free, and shipped`() async throws {
        for (id, items) in ["a": #"["tea","pot"]"#, "b": #"["sample"]"#, "c": #"["cup"]"#, "d": #"["tea"]"#] {
            _ = try await program.run(
                "enqueue", "order", "--id", id, "--session", id, "--input", #"{"items":\#(items)}"#)
        }
        let ended = try await program.bash("penstock-example --burst")
        #expect(ended.code == 0, "\(ended.errors)")
        let paid = try await program.run("job", "show", "a", "--json").json?["result"]
        #expect(paid?["cents"] == 4350)
        #expect(paid?["status"] == "shipped")
        #expect(paid?.object?.keys == ["cents", "status", "log"])
        #expect(
            try await program.run("session", "show", "a", "--json").json?["path"] == [
                "price", "charge", "ship",
            ])
        #expect(try await program.run("session", "show", "b", "--json").json?["path"] == ["price", "ship"])
        // One of the charges failed at first, and was tried again.
        #expect(try await program.run("job", "show", "d", "--json").json?["status"] == "done")
        let parcel = try await program.run("session", "history", "b", "--json").json?[0]?["metadata"]?[
            "parcel"]
        #expect(parcel?.string?.hasPrefix("parcel-") == true)
    }

    @Test func `what is of no use is not tried again`() async throws {
        _ = try await program.run("enqueue", "order", "--id", "a", "--input", #"{"items":["moon"]}"#)
        _ = try await program.run("enqueue", "order", "--id", "b", "--input", #"{"item":["tea"]}"#)
        #expect(try await program.bash("penstock-example --burst").code == 0)
        let unknown = try await program.run("job", "show", "a", "--json").json
        #expect(unknown?["status"] == "dead")
        #expect(unknown?["attempts"] == 1)
        #expect(unknown?["error"]?.string?.contains("there is no \"moon\" here") == true)
        let mistyped = try await program.run("job", "show", "b", "--json").json
        #expect(mistyped?["status"] == "dead")
        #expect(mistyped?["error"]?.string?.contains("did you mean \"items\"?") == true)
    }

    @Test func `a talk goes on over many jobs`() async throws {
        for text in ["Hello.", "It rains."] {
            _ = try await program.run(
                "enqueue", "chat", "--session", "s", "--input",
                #"{"messages":[{"from":"Ada","text":"\#(text)"}]}"#)
        }
        #expect(try await program.bash("penstock-example --burst").code == 0)
        let messages = try await program.run("session", "state", "s").json?["messages"]?.array
        #expect(
            messages?.map { $0["text"]?.string } == [
                "Hello.", #"You said: "Hello.". Nice to meet you."#, "It rains.",
                #"You said: "It rains.". Before that you said: "Hello."."#,
            ])
    }

    @Test func `a worker in Swift refuses wrong settings like any other`() async throws {
        let mistyped = try await program.bash("penstock-example --slot 3")
        #expect(mistyped.code == 2)
        #expect(mistyped.errors.hasPrefix("ExampleWorker: there is no --slot here; did you mean --slots?"))
        let word = try await program.bash("penstock-example work")
        #expect(word.code == 2)
        #expect(word.errors.hasPrefix("ExampleWorker: nothing is expected here but flags, not \"work\""))
        let help = try await program.bash("penstock-example --help")
        #expect(help.code == 0)
        #expect(help.output.contains("--grace-seconds SECONDS"))
    }
}

import PenstockRedis
import Testing

@Suite struct RedisAddressTests {
    @Test(arguments: [
        ("redis://localhost", RedisAddress(place: .tcp(host: "localhost", port: 6379))),
        ("redis://127.0.0.1:7000/3", RedisAddress(place: .tcp(host: "127.0.0.1", port: 7000), database: 3)),
        ("redis://h/", RedisAddress(place: .tcp(host: "h", port: 6379))),
        ("REDIS://[::1]:7/1", RedisAddress(place: .tcp(host: "::1", port: 7), database: 1)),
        ("redis://[fe80::1]", RedisAddress(place: .tcp(host: "fe80::1", port: 6379))),
        ("redis://:pw@h", RedisAddress(place: .tcp(host: "h", port: 6379), password: "pw")),
        (
            "redis://ada:p%40s%3As%2F@h:1",
            .init(place: .tcp(host: "h", port: 1), user: "ada", password: "p@s:s/")
        ),
        (
            "redis://ada:a@b:c@h",
            RedisAddress(place: .tcp(host: "h", port: 6379), user: "ada", password: "a@b:c")
        ),
        ("redis+unix:///run/r.sock", RedisAddress(place: .unix(path: "/run/r.sock"))),
        ("redis+unix:///r%20s.sock?db=2", RedisAddress(place: .unix(path: "/r s.sock"), database: 2)),
        ("redis+unix://:pw@/r.sock", RedisAddress(place: .unix(path: "/r.sock"), password: "pw")),
        (
            "redis+unix:///r.sock?user=ada&password=p%26q&db=1",
            .init(place: .unix(path: "/r.sock"), user: "ada", password: "p&q", database: 1)
        ),
    ])
    func `an address is read`(_ text: String, _ expected: RedisAddress) throws {
        #expect(try RedisAddress(text) == expected)
    }

    @Test(arguments: [
        ("", "begins with"), ("localhost:6379", "begins with"), ("http://h", "not with http://"),
        ("rediss://h", "stunnel"), ("redis://", "needs a host"), ("redis://:6379", "needs a host"),
        ("redis://h:0", "1 to 65535"), ("redis://h:65536", "1 to 65535"), ("redis://h:x", "1 to 65535"),
        ("redis://h:", "1 to 65535"), ("redis://::1", "brackets"), ("redis://[::1", "not closed"),
        ("redis://[::1]x", "bracket"), ("redis://h/x", "number from 0"), ("redis://h/-1", "number from 0"),
        ("redis://h/+1", "number from 0"), ("redis://h?db=1", "takes no '?'"),
        ("redis://ada@h", "needs a password"),
        ("redis://h h", "spaces"), ("redis://h#1", "'#'"), ("redis://a:%zz@h", "hex digits"),
        ("redis://a:%f@h", "hex digits"), ("redis://a:%ff@h", "not UTF-8"),
        ("redis+unix://r.sock", "absolute"),
        ("redis+unix:///r.sock?tls=1", "not 'tls'"), ("redis+unix:///r.sock?db=x", "number from 0"),
        ("redis+unix:///r.sock?user=ada", "needs a password"),
        ("redis+unix:///" + String(repeating: "x", count: 107), "at most 107 bytes"),
    ])
    func `a bad address is refused with a sentence`(_ text: String, _ part: String) throws {
        let error = try #require(throws: RedisAddressError.self) { try RedisAddress(text) }
        #expect(error.description.contains(part))
        #expect(error.description.hasSuffix("."))
    }

    @Test(arguments: ["redis://ada:hush@h:1/2", "redis+unix://ada:hush@/r.sock", "redis://:hush@h"])
    func `no text shows the password`(_ text: String) throws {
        let address = try RedisAddress(text)
        var dumped = ""
        dump(address, to: &dumped)
        for shown in ["\(address)", String(reflecting: address), dumped, "\([address])"] {
            #expect(!shown.contains("hush"))
            #expect(shown.contains("***"))
        }
    }

    @Test func `a description without a password is an address again`() throws {
        for text in [
            "redis://h:6379/0", "redis://[::1]:7/1", "redis+unix:///r.sock?db=2", "redis+unix:///r.sock",
        ] {
            #expect(try RedisAddress(text).description == text)
        }
    }
}

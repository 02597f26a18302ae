import PenstockRedis
import Testing

/// Addresses that name several servers.
@Suite struct RedisSeveralAddressTests {
    @Test(arguments: [
        (
            "redis+sentinel://a,b:5/main",
            RedisAddress(
                place: .sentinels(
                    [.init(host: "a", port: 26379), .init(host: "b", port: 5)], master: "main"))
        ),
        (
            "redis+sentinel://ada:p%2Cw@[::1]:7,h,h/my%20master/3",
            .init(
                place: .sentinels(
                    [.init(host: "::1", port: 7), .init(host: "h", port: 26379)], master: "my master"),
                user: "ada", password: "p,w", database: 3)
        ),
        (
            "redis+cluster://a:7000,b",
            .init(place: .cluster([.init(host: "a", port: 7000), .init(host: "b", port: 6379)], slot: 0))
        ),
        (
            "redis+cluster://:pw@a/0",
            .init(place: .cluster([.init(host: "a", port: 6379)], slot: 0), password: "pw")
        ),
        ("redis+cluster://a/", .init(place: .cluster([.init(host: "a", port: 6379)], slot: 0))),
    ])
    func `an address is read`(_ text: String, _ expected: RedisAddress) throws {
        #expect(try RedisAddress(text) == expected)
    }

    @Test(arguments: [
        ("redis+sentinel://h", "there is no name"), ("redis+sentinel://h/", "there is no name"),
        ("redis+sentinel://h//0", "there is no name"), ("redis+sentinel://h/m/0/1", "not 3 parts"),
        ("redis+sentinel:///m", "needs a host"), ("redis+sentinel://a,,b/m", "needs a host"),
        ("redis+sentinel://a:0/m", "1 to 65535"), ("redis+sentinel://h/m/x", "number from 0"),
        ("redis+sentinel://h/m?db=1", "takes no '?'"), ("redis+sentinel://ada@h/m", "needs a password"),
        ("redis+sentinel://h/%zz", "hex digits"), ("redis+cluster://", "needs a host"),
        ("redis+cluster://a,b:x", "1 to 65535"), ("redis+cluster://a/1", "not 1."),
        ("redis+cluster://a/0/0", "2 parts"), ("redis+cluster://a/x", "number from 0"),
        ("redis+cluster://a?db=0", "takes no '?'"),
    ])
    func `a bad address is refused with a sentence`(_ text: String, _ part: String) throws {
        let error = try #require(throws: RedisAddressError.self) { try RedisAddress(text) }
        #expect(error.description.contains(part), "\(error)")
        #expect(error.description.hasSuffix("."))
    }

    @Test(arguments: [
        ("redis+sentinel://ada:hush@h/m", "redis+sentinel://ada:***@h:26379/m/0"),
        ("redis+cluster://:hush@[::1]:7,h:8", "redis+cluster://:***@[::1]:7,h:8"),
    ])
    func `no text shows the password`(_ text: String, _ shown: String) throws {
        let address = try RedisAddress(text)
        #expect("\(address)" == shown)
        #expect(!String(reflecting: address).contains("hush"))
    }

    @Test(arguments: ["redis+sentinel://a:1,b:2/m/3", "redis+cluster://a:1,b:2"])
    func `a description without a password is an address again`(_ text: String) throws {
        #expect(try RedisAddress(text).description == text)
    }

    @Test func `the hash tag of the prefix says which slot of a cluster is talked to`() throws {
        let served = try RedisAddress("redis+cluster://a").serving(prefix: "{foo}:")
        #expect(served.place == .cluster([RedisAddress.Node(host: "a", port: 6379)], slot: 12182))
        let plain = try RedisAddress("redis://a")
        #expect(try plain.serving(prefix: "penstock:") == plain)
    }

    @Test(arguments: ["penstock:", "{}:", "{}{a}:", "{open:", "}{:", ""])
    func `in a cluster a prefix without a hash tag is refused with a sentence`(_ prefix: String) throws {
        let error = try #require(throws: RedisAddressError.self) {
            try RedisAddress("redis+cluster://a").serving(prefix: prefix)
        }
        #expect(error.description.contains("{penstock}:") && error.description.hasSuffix("."))
        #expect(error.description.contains("\"\(prefix)\""))
    }

    @Test func `a tag's slot is the one that Redis reckons`() {
        #expect(RedisSlot.number(of: "123456789") == 0x31C3)
        #expect(RedisSlot.number(of: "foo") == 12182)
        #expect(RedisSlot.number(of: "bar") == 5061)
        #expect(RedisSlot.tag(of: "a{b}c{d}") == "b")
        #expect(RedisSlot.tag(of: "{{b}}") == "{b")
    }
}

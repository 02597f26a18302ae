import Penstock
import PenstockRedis
import Testing

@Suite("Addresses of stores")
struct StoreAddressTests {
    @Test func `every form is read`() throws {
        #expect(try StoreAddress("memory:") == .memory)
        #expect(try StoreAddress("sqlite:a.db") == .sqlite(path: "a.db"))
        #expect(try StoreAddress("sqlite:/var/a.db") == .sqlite(path: "/var/a.db"))
        #expect(try StoreAddress("sqlite:///var/a.db") == .sqlite(path: "/var/a.db"))
        #expect(try StoreAddress("redis://h:1/2") == .redis(try RedisAddress("redis://h:1/2")))
        #expect(
            try StoreAddress("redis+unix:///r.sock") == .redis(RedisAddress(place: .unix(path: "/r.sock"))))
        for url in ["redis+sentinel://h:1,i:2/m/3", "redis+cluster://h:1,i:2"] {
            #expect(try StoreAddress(url) == .redis(try RedisAddress(url)))
        }
    }

    @Test(arguments: [
        ("sqlit:geheim", #"there is no store "sqlit:"; did you mean "sqlite"?"#),
        ("geheim", "a store is memory:"),
        ("sqlite:", "sqlite: names a file"),
        ("sqlite://host/geheim", "sqlite: names a file"),
        ("memory:geheim", "memory: takes nothing"),
    ])
    func `anything else is refused with a sentence that keeps secrets`(_ text: String, _ start: String) throws
    {
        let error = try #require(throws: StoreAddressError.self) { try StoreAddress(text) }
        #expect(error.description.hasPrefix(start))
        #expect(!error.description.contains("geheim"))
    }
}

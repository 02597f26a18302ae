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

    @Test
    func `a store leaves traces in the queue's Redis where it stands in that one, outside of a cluster`()
        throws
    {
        let settings = StoreSettings()
        let here = try RedisAddress("redis://h:1/2")
        let traces = try StoreAddress("redis://h:1/2").traces(in: here, with: settings)
        #expect(traces?.record == settings.keyPrefix + "head:")
        for elsewhere in ["redis://h:1/3", "redis://i:1/2", "memory:", "sqlite:a.db"] {
            #expect(try StoreAddress(elsewhere).traces(in: here, with: settings) == nil)
        }
        let cluster = "redis+cluster://h:1,i:2"
        #expect(try StoreAddress(cluster).traces(in: RedisAddress(cluster), with: settings) == nil)
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

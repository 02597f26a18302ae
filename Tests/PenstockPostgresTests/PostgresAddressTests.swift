import Testing

@testable import PenstockPostgres

@Suite
struct PostgresAddressTests {
    struct Reading: Sendable, CustomTestStringConvertible {
        let text: String
        let shown: String
        var user: String?
        var password: String?
        var database: String?
        var parameters: [String: String] = [:]

        var testDescription: String { shown }
    }

    static let readings: [Reading] = [
        Reading(text: "postgres://", shown: "postgres:///"),
        Reading(text: "postgresql://localhost", shown: "postgres://localhost/"),
        Reading(text: "POSTGRES://h/db", shown: "postgres://h/db", database: "db"),
        Reading(
            text: "postgres://ada:s%3Ae%40c%2Fr%3Fet@db.example:5433/flows",
            shown: "postgres://ada:***@db.example:5433/flows",
            user: "ada", password: "s:e@c/r?et", database: "flows"),
        Reading(
            text: "postgres://ada:s:e@h/db", shown: "postgres://ada:***@h/db", user: "ada", password: "s:e",
            database: "db"),
        Reading(
            text: "postgres://a@b:secret@h/", shown: "postgres://a@b:***@h/", user: "a@b", password: "secret"),
        Reading(text: "postgres://ada@/db", shown: "postgres://ada@/db", user: "ada", database: "db"),
        Reading(text: "postgres://ada:@h", shown: "postgres://ada@h/", user: "ada"),
        Reading(text: "postgres://[::1]:5433/db", shown: "postgres://[::1]:5433/db", database: "db"),
        Reading(text: "postgres://[2001:db8::1]", shown: "postgres://[2001:db8::1]/"),
        Reading(text: "postgres://:5433/db", shown: "postgres://:5433/db", database: "db"),
        Reading(text: "postgres://h/a%20b/c", shown: "postgres://h/a b/c", database: "a b/c"),
        Reading(text: "postgres://h?dbname=db", shown: "postgres://h/db", database: "db"),
        Reading(
            text: "postgres://ada@/db?host=/run/postgresql&port=5433",
            shown: "postgres://ada@/db?host=/run/postgresql&port=5433", user: "ada", database: "db"),
        Reading(
            text: "postgres://ada@%2Frun%2Fpostgresql:5433/db",
            shown: "postgres://ada@/db?host=/run/postgresql&port=5433",
            user: "ada", database: "db"),
        Reading(text: "postgres:///db?host=%2Frun", shown: "postgres:///db?host=/run", database: "db"),
        Reading(
            text: "postgres:///db?host=/run&user=ada&password=secret",
            shown: "postgres://ada:***@/db?host=/run",
            user: "ada", password: "secret", database: "db"),
        Reading(
            text: "postgres://one:1,two:2,three/db", shown: "postgres://one:1,two:2,three/db", database: "db",
            parameters: ["target_session_attrs": "read-write"]),
        Reading(
            text: "postgres://one,[::1]/db?port=7&target_session_attrs=any",
            shown: "postgres://one:7,[::1]:7/db",
            database: "db", parameters: ["target_session_attrs": "any"]),
        Reading(
            text: "postgres:///db?host=one,/run&port=1,2", shown: "postgres:///db?host=one,/run&port=1,2",
            database: "db",
            parameters: ["target_session_attrs": "read-write"]),
        Reading(
            text:
                "postgres://h?sslmode=verify-full&sslrootcert=/etc/ca%20x.pem&&channel_binding=require&options=-cjit%3Doff",
            shown: "postgres://h/",
            parameters: [
                "sslmode": "verify-full", "sslrootcert": "/etc/ca x.pem", "channel_binding": "require",
                "options": "-cjit=off",
            ]),
        Reading(text: "postgres://h?application_name=", shown: "postgres://h/"),
    ]

    @Test(arguments: readings)
    func `an address is read, and shown without its password`(_ reading: Reading) throws {
        let address = try PostgresAddress(reading.text)
        #expect(address.description == reading.shown)
        #expect(address.user == reading.user)
        #expect(address.password == reading.password)
        #expect(address.database == reading.database)
        #expect(address.parameters == reading.parameters)
    }

    @Test
    func `our own parameters are not handed on`() throws {
        let address = try PostgresAddress("postgres://h?connections=9&connect_timeout=3")
        #expect(address.connections == 9)
        #expect(address.connectLimit == .seconds(3))
        #expect(address.parameters.isEmpty)
        #expect(try PostgresAddress("postgres://h").connections == 4)
    }

    static let scheme = "A PostgreSQL address begins with postgres:// or postgresql://."
    static let misplaced =
        "A PostgreSQL address holds no '@' behind its first '/' or '?': in a password write '/' as %2F, '?' as %3F "
        + "and '@' as %40, and elsewhere '@' as %40."
    static let port = "The port of a PostgreSQL address is a number from 1 to 65535."
    static let faults: [(String, String)] = [
        ("", scheme),
        ("secret", scheme),
        ("user:secret@host/db", scheme),
        ("mysql://user:secret@h/db", scheme),
        ("postgres:/secret", scheme),
        (
            "postgres://user:sec ret@h",
            "A PostgreSQL address holds no spaces or control characters: write them as %20."
        ),
        ("postgres://user:secret@h/db#x", "A PostgreSQL address holds no '#': write it as %23."),
        ("postgres://user:se/cret@h/db", misplaced),
        ("postgres://user:se?cret@h/db", misplaced),
        ("postgres://user:se?cret=1@h/db", misplaced),
        ("postgres://h/db?application_name=a@secret", misplaced),
        ("postgres://user:secret", port),
        ("postgres://user:secret/db", port),
        ("postgres://h:0", port),
        ("postgres://h:65536", port),
        ("postgres://h:+1", port),
        ("postgres://one:1,two:x", port),
        ("postgres://h?port=secret", port),
        ("postgres://[::1", "The bracket of an IPv6 host is not closed."),
        ("postgres://[::1]secret", "After the bracket of an IPv6 host comes :port or nothing."),
        ("postgres://::1", "A host of IPv6 stands in brackets: postgres://[::1]:5432."),
        ("postgres://u:secret%@h", "The password of a PostgreSQL address has a '%' without two hex digits."),
        ("postgres://u:secret%2@h", "The password of a PostgreSQL address has a '%' without two hex digits."),
        (
            "postgres://u:secret%00@h",
            "The password of a PostgreSQL address is not UTF-8, or holds a zero byte."
        ),
        (
            "postgres://u:secret%FF@h",
            "The password of a PostgreSQL address is not UTF-8, or holds a zero byte."
        ),
        ("postgres://u%FF@h", "The user of a PostgreSQL address is not UTF-8, or holds a zero byte."),
        ("postgres://h/%zz", "The database of a PostgreSQL address has a '%' without two hex digits."),
        ("postgres://u@h?user=v", "The user of a PostgreSQL address is given twice."),
        ("postgres://h/a?dbname=b", "The dbname of a PostgreSQL address is given twice."),
        ("postgres://u:secret@h?password=secret", "The password of a PostgreSQL address is given twice."),
        ("postgres://h?sslmode=prefer&sslmode=prefer", "The sslmode of a PostgreSQL address is given twice."),
        (
            "postgres://h?host=/run",
            "A PostgreSQL address names its hosts in front of the path or as the parameter host, not as both."
        ),
        (
            "postgres://h:1?port=2",
            "The parameter port of a PostgreSQL address gives one port, or one for each host, and only once."
        ),
        (
            "postgres://a,b?port=1,2,3",
            "The parameter port of a PostgreSQL address gives one port, or one for each host, and only once."
        ),
        ("postgres://h?sslmode", "The parameter sslmode of a PostgreSQL address needs a value: sslmode=…."),
        (
            "postgres://h?sslmode=secret",
            "The parameter sslmode of a PostgreSQL address is one of disable, allow, prefer, require, verify-ca, verify-full."
        ),
        (
            "postgres://h?target_session_attrs=standby",
            "The parameter target_session_attrs of a PostgreSQL address is one of any, read-write, primary."
        ),
        (
            "postgres://h?connections=0",
            "The parameter connections of a PostgreSQL address is a number from 1 to 1000."
        ),
        (
            "postgres://h?connections=x",
            "The parameter connections of a PostgreSQL address is a number from 1 to 1000."
        ),
        (
            "postgres://h?connect_timeout=0",
            "The parameter connect_timeout of a PostgreSQL address is a number from 1 to 3600."
        ),
    ]

    @Test(arguments: faults)
    func `an address that makes no sense is refused with a sentence`(_ text: String, _ sentence: String) {
        #expect(throws: PostgresAddressError(sentence)) { try PostgresAddress(text) }
    }

    @Test(arguments: [
        ("sslmod", #"no parameter "sslmod"; did you mean "sslmode"? It knows host, "#),
        ("conections", #"no parameter "conections"; did you mean "connections"? It knows host, "#),
        ("schema", #"no parameter "schema". It knows host, "#),
        ("se%63ret", "no parameter of this name. It knows host, "),
        ("", "no parameter of this name. It knows host, "),
    ])
    func `an unknown parameter is refused, and the nearest one named`(_ name: String, _ words: String) throws
    {
        let error = try #require(throws: PostgresAddressError.self) {
            try PostgresAddress("postgres://h/db?\(name)=1")
        }
        #expect(error.description.contains(words))
    }

    @Test
    func `whatever prints an address prints no password`() throws {
        let address = try PostgresAddress("postgres://ada:topsecret@h/db?sslpassword=topsecret")
        var dumped = ""
        dump(address, to: &dumped)
        for text in ["\(address)", String(reflecting: address), dumped] {
            #expect(!text.contains("topsecret"))
        }
    }
}

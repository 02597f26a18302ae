import PenstockMySQL
import PenstockTesting
import Testing

struct MySQLAddressTests {
    private typealias Place = MySQLAddress.Place

    @Test
    func `what stands in an address is found again`() throws {
        let bare = try MySQLAddress("mysql://db.example.org")
        #expect(bare == MySQLAddress(place: .tcp(host: "db.example.org", port: 3306)))
        #expect(bare.connections == 4 && bare.connectTimeout == nil && bare.tls == MySQLTLS(mode: .preferred))

        var full = MySQLAddress(
            place: .tcp(host: "::1", port: 3307), user: "a@b:c", password: "p/?#@:%", database: "größe/1")
        full.connections = 12
        full.connectTimeout = .seconds(7)
        full.tls = MySQLTLS(mode: .verifyFull)
        full.tls.authorities = "/etc/ca 1.pem"
        full.tls.certificate = "/etc/c.pem"
        full.tls.key = "/etc/k.pem"
        full.tls.revoked = "/etc/r.pem"
        let text = """
            mariadb://a%40b%3Ac:p%2F%3f%23%40:%25@[::1]:3307/gr%C3%B6%C3%9Fe%2F1?connections=12&connect_timeout=7\
            &sslmode=verify-full&ssl_ca=/etc/ca%201.pem&ssl_cert=/etc/c.pem&ssl_key=/etc/k.pem&ssl_crl=/etc/r.pem
            """
        #expect(try MySQLAddress(text) == full)
        #expect(try MySQLAddress("MySQL://u:a@b@h:1/d").password == "a@b")
        #expect(try MySQLAddress("mysql://u@h/").database == nil)
        #expect(try MySQLAddress("mysql://:x@h/d").user == nil)
        #expect(try MySQLAddress("mysql://u:@h/d").password == nil)
    }

    @Test
    func `a Unix socket is a parameter or takes the host's place`() throws {
        let expected = MySQLAddress(place: .unix(path: "/run/my sql.sock"), user: "u", database: "d")
        #expect(try MySQLAddress("mysql://u@/d?socket=/run/my%20sql.sock") == expected)
        #expect(try MySQLAddress("mysql://u@localhost/d?socket=%2Frun%2Fmy%20sql.sock") == expected)
        #expect(try MySQLAddress("mysql://u@%2Frun%2Fmy%20sql.sock/d") == expected)
        #expect(try MySQLAddress("mysql:///d?socket=/s").place == .unix(path: "/s"))
    }

    @Test(arguments: MySQLTLS.Mode.allCases)
    func `each way of TLS has a name`(_ mode: MySQLTLS.Mode) throws {
        #expect(try MySQLAddress("mysql://h/d?ssl_ca=/ca.pem&sslmode=\(mode.rawValue)").tls.mode == mode)
    }

    static let faults: [(String, String)] = [
        ("localhost/db", "A MySQL address begins with mysql:// or mariadb://."),
        ("postgres://h/d", "A MySQL address begins with mysql:// or mariadb://, not with postgres://."),
        (
            "mysql://u:topsecret @h/d",
            "A MySQL address holds no spaces or control characters: write them as %20."
        ),
        ("mysql://u:top#secret@h/d", "A MySQL address holds no '#': write it as %23."),
        (
            "mysql://u:12/topsecret@h/d",
            "In the user, password and database of a MySQL address '/' is written %2F and '@' %40."
        ),
        ("mysql://u:top/secret", "The port of a MySQL address is a number from 1 to 65535."),
        (
            "mysql://u:topsecret?x@h/d",
            "In a user or password a '?' is written %3F, and in a parameter '@' is %40."
        ),
        ("mysql://u:topsecret%4@h/d", "The password of a MySQL address has a '%' without two hex digits."),
        ("mysql://u:topsecret%ff@h/d", "The password of a MySQL address is not UTF-8, or holds a zero byte."),
        ("mysql://u:topsecret%00@h/d", "The password of a MySQL address is not UTF-8, or holds a zero byte."),
        (
            "mysql://h/a/b",
            "In the user, password and database of a MySQL address '/' is written %2F and '@' %40."
        ),
        ("mysql:///d", "A MySQL address needs a host, or a parameter socket=/path/of/it."),
        ("mysql://u:topsecret@/d", "A MySQL address needs a host, or a parameter socket=/path/of/it."),
        ("mysql://h:0/d", "The port of a MySQL address is a number from 1 to 65535."),
        ("mysql://h:65536/d", "The port of a MySQL address is a number from 1 to 65535."),
        ("mysql://::1/d", "A host of IPv6 stands in brackets: mysql://[::1]:3306/database."),
        ("mysql://[::1/d", "The bracket of an IPv6 host is not closed."),
        ("mysql://[::1]3306/d", "After the bracket of an IPv6 host comes :port or nothing."),
        ("mysql://h/d?socket=run.sock", "The path of a Unix socket is absolute: /run/mysqld/mysqld.sock."),
        (
            "mysql://h/d?socket=/" + String(repeating: "x", count: 107),
            "The path of a Unix socket has at most 107 bytes, this one 108."
        ),
        (
            "mysql://h/d?charset=latin1",
            "A MySQL address knows the parameters connect_timeout, connections, socket, ssl_ca, ssl_cert, ssl_crl, "
                + "ssl_key, sslmode, not 'charset'."
        ),
        (
            "mysql://h/d?connections=2&connections=2",
            "A MySQL address has the parameter connections only once."
        ),
        ("mysql://h/d?connections=0", "The parameter connections is a number from 1 to 1000, not '0'."),
        (
            "mysql://h/d?connect_timeout=5s",
            "The parameter connect_timeout is a number from 1 to 3600, not '5s'."
        ),
        (
            "mysql://h/d?sslmode=require",
            "The parameter sslmode is one of disabled, preferred, required, verify-ca, verify-full, not 'require'."
        ),
        ("mysql://h/d?ssl_ca=", "The parameter ssl_ca is the path of a file."),
        ("mysql://h/d?ssl_key=/k", "The parameters ssl_cert and ssl_key are given together or not at all."),
        (
            "mysql://h/d?sslmode=verify-ca",
            "The parameter sslmode=verify-ca needs ssl_ca, the authorities to trust."
        ),
    ]

    @Test(arguments: faults)
    func `a fault is told in a sentence that holds no secret`(_ text: String, _ sentence: String) {
        let error = #expect(throws: MySQLAddressError.self) { try MySQLAddress(text) }
        #expect(error?.description == sentence)
        #expect(error?.description.contains("secret") == false)
    }

    @Test
    func `an address shows where it leads, and no password`() throws {
        let tcp = try MySQLAddress("mysql://ada:topsecret@[::1]/db?sslmode=required")
        #expect(tcp.description == "mysql://ada:***@[::1]:3306/db")
        let unix = try MySQLAddress("mysql://ada:topsecret@/db?socket=/s")
        #expect(unix.description == "mysql://ada:***@/db?socket=/s")
        #expect(try MySQLAddress("mysql://ada@h/db").description == "mysql://ada@h:3306/db")
        var dumped = ""
        dump(tcp, to: &dumped)
        #expect(!(dumped + String(reflecting: unix) + "\(tcp)").contains("topsecret"))
    }
}

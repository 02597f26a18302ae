import PenstockSQL
import Testing

@testable import PenstockCheckpointers

@Suite struct MySQLDialectTests {
    private func server(_ product: String, _ version: String) -> SQLDescription {
        SQLDescription(product: product, version: version, location: "db:3306/flows", facts: [])
    }

    @Test(arguments: [
        ("MySQL", "8.0.19"), ("MySQL", "8.0.46-0ubuntu0.22.04.5"), ("MySQL", "8.4.0"), ("MySQL", "9.7.4-2"),
        ("MariaDB", "10.5.0-MariaDB"), ("MariaDB", "10.11.19-MariaDB-0+deb12u1"),
        ("MariaDB", "11.8.9-MariaDB-4"),
    ])
    func `a server that can do what we ask is taken`(_ product: String, _ version: String) throws {
        #expect(try MySQLDialect(for: server(product, version)).isMariaDB == (product == "MariaDB"))
    }

    @Test(arguments: [
        ("MySQL", "5.7.44-log"), ("MySQL", "8.0.18"), ("MariaDB", "10.4.34-MariaDB"), ("MySQL", ""),
    ])
    func `an older one is refused`(_ product: String, _ version: String) {
        let error = #expect(throws: SQLError.self) { try MySQLDialect(for: server(product, version)) }
        #expect(
            error?.description
                == "MySQL 8.0.19 or MariaDB 10.5, or later, is needed; at db:3306/flows is \(product) \(version)."
        )
    }
}

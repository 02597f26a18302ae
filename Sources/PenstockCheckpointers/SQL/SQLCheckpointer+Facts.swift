package import PenstockModel
import PenstockSQL

extension SQLCheckpointer {
    package func ping() async throws(CheckpointerError) -> [StoreFact] {
        let description = try await reaching(about: "the store") { database throws(SQLError) in
            try await database.describe()
        }
        let schema = schema
        let version = try await read(about: "the record of migrations") { connection throws(SQLError) in
            try schema.version(on: connection)
        }
        return [
            StoreFact("store", "\(description.product) at \(description.location)"),
            StoreFact("version", description.version),
            StoreFact("table_prefix", prefix.text.isEmpty ? "none" : prefix.text),
            StoreFact("schema_version", "\(version)"),
        ]
            + description.facts.map {
                StoreFact($0.name, $0.value.isEmpty ? "none" : $0.value, complaint: $0.complaint)
            }
    }
}

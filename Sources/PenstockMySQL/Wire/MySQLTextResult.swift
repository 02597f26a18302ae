import CPenstockMariaDB
import PenstockSQL

/// The rows of a statement that was sent as a text, which come as texts.
struct MySQLTextResult {
    private let result: UnsafeMutablePointer<MYSQL_RES>
    private let columns: [MySQLColumn]

    init(_ result: UnsafeMutablePointer<MYSQL_RES>) {
        self.result = result
        columns = UnsafeBufferPointer(start: mysql_fetch_fields(result), count: Int(mysql_num_fields(result)))
            .map(MySQLColumn.init)
    }

    func rows() -> [SQLRow] {
        var rows: [SQLRow] = []
        while let row = mysql_fetch_row(result), let lengths = mysql_fetch_lengths(result) {
            rows.append(
                SQLRow(
                    columns.indices.map { index in
                        guard let start = row[index] else { return .null }
                        return columns[index].value(
                            of: UnsafeRawBufferPointer(start: start, count: Int(lengths[index])))
                    }))
        }
        return rows
    }
}

import PenstockTesting
import Testing

/// A worker that is killed while the database works at its save. MariaDB goes on with a transaction whose client has died, and counts
/// the rows that it changes no more.
@Suite("A save whose worker dies", .timeLimit(.minutes(1)))
struct HalfSaveTests {
    @Test func `is kept whole or not at all`() async throws {
        let program = try PenstockProgram(with: try await TestRedis.shared)
        try program.write(
            #"{"flow": "mark", "nodes": {"a": {"set": {"at": "a"}}}, "edges": [["START", "a"], ["a", "END"]]}"#,
            to: "flows/mark.json")
        let database = try await TestMySQL.shared.makeDatabase()
        let socket = try #require(database.url.split(separator: "socket=").last)
        let ended = try await program.bash(
            """
            set -euo pipefail
            export PENSTOCK_STORE_URL='\(database.url)'
            sql() { mariadb --no-defaults --socket='\(socket)' --user=root --skip-column-names --unbuffered \(database.name) "$@"; }
            others() {
                sql -e "SELECT COUNT(*) FROM information_schema.processlist
                    WHERE db = DATABASE() AND id <> CONNECTION_ID() AND info LIKE '$1'"
            }

            penstock enqueue mark --id j1 --session s
            penstock work --flows flows --burst
            mkfifo orders
            sql <orders >held &
            exec 3>orders
            echo 'START TRANSACTION; SELECT head FROM penstock_session FOR UPDATE;' >&3
            until [[ -s held ]]; do :; done

            penstock enqueue mark --id j2 --session s
            penstock work --flows flows & worker=$!
            until [[ $(others 'UPDATE%penstock_session%') != 0 ]]; do :; done
            kill -9 $worker
            wait $worker || true
            echo 'COMMIT;' >&3
            exec 3>&-
            wait
            until [[ $(others '%') == 0 ]]; do :; done
            sql -e "SELECT head, (SELECT COUNT(*) FROM penstock_checkpoint), (SELECT COUNT(*) FROM penstock_job WHERE status = 'done')
                FROM penstock_session"
            """)
        let last = ended.output.split(separator: "\n").last?.split(separator: "\t")
        #expect(last == ["2", "2", "2"] || last == ["1", "1", "1"], "\(ended.output) \(ended.errors)")
    }
}

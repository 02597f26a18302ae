import CPenstockPostgres
import Glibc
import PenstockSQL

/// Gets us into a server, within a limit.
enum PostgresGreeting {
    /// Tries the address' servers in order. One that turns us away for good ends it: the others would too.
    static func connect(
        to address: PostgresAddress, options: PostgresOptions, notices: PostgresNotices
    ) throws(SQLError) -> OpaquePointer {
        var last = SQLError.bug(reason: "A PostgreSQL address has no server.")
        for server in address.servers {
            let session = PostgresSession(address: address, server: server, options: options)
            do throws(SQLError) {
                return try connect(session, notices: notices)
            } catch {
                last = error
                if case .refused = error { break }
            }
        }
        throw last
    }

    private static func connect(
        _ session: PostgresSession, notices: PostgresNotices
    ) throws(SQLError) -> OpaquePointer {
        guard let handle = start(session.keywords) else {
            throw .connectionLost(reason: "There is no memory left for a connection to PostgreSQL.")
        }
        // Otherwise libpq would not tell the code of what a server says.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        notices.listen(to: handle)
        do throws(SQLError) {
            try goOn(with: handle, session)
            return handle
        } catch {
            PQfinish(handle)
            throw error
        }
    }

    private static func start(_ keywords: [(String, String)]) -> OpaquePointer? {
        let names = keywords.map { strdup($0.0) } + [nil]
        let values = keywords.map { strdup($0.1) } + [nil]
        defer { for text in names + values { free(text) } }
        return PQconnectStartParams(names.map { UnsafePointer($0) }, values.map { UnsafePointer($0) }, 0)
    }

    private static func goOn(
        with handle: OpaquePointer, _ session: PostgresSession
    ) throws(SQLError) {
        let deadline = ContinuousClock.now + session.connectLimit
        var awaited = PQstatus(handle) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while awaited != PGRES_POLLING_OK {
            guard awaited != PGRES_POLLING_FAILED else { throw whyNot(handle, session) }
            let events = awaited == PGRES_POLLING_READING ? POLLIN : POLLOUT
            guard PostgresSocket.wait(PQsocket(handle), for: Int16(events), until: deadline) != 0 else {
                throw .connectionLost(
                    reason:
                        "PostgreSQL at \(PostgresPlace.of(handle)) did not let us in within \(session.connectLimit)."
                )
            }
            awaited = PQconnectPoll(handle)
        }
        guard PQserverVersion(handle) >= 120_000 else {
            throw .refused(
                reason:
                    "PostgreSQL 12 or later is needed; at \(PostgresPlace.of(handle)) is \(PQserverVersion(handle))."
            )
        }
    }

    /// What the server or libpq said, with its code taken out of `… FATAL:  28P01: password authentication failed …`.
    private static func whyNot(_ handle: OpaquePointer, _ session: PostgresSession) -> SQLError {
        var wording = String(cString: PQerrorMessage(handle))
        let secrets = session.address.secrets + [PQpass(handle).map { String(cString: $0) } ?? ""]
        for secret in secrets where !secret.isEmpty {
            wording = wording.split(separator: secret, omittingEmptySubsequences: false).joined(
                separator: "***")
        }
        let line = PostgresFailure.firstLine(of: wording)
        let place = PostgresPlace.of(handle)
        if let (code, message) = parted(line) {
            return SQLError(PostgresFailure(code: code, message: message, constraint: nil, place: place))
        }
        if PQconnectionNeedsPassword(handle) == 1 {
            return .refused(reason: "PostgreSQL at \(place) asks for a password, and none was given.")
        }
        return .connectionLost(reason: "PostgreSQL at \(place) was not reached: \(line).")
    }

    private static func parted(_ line: String) -> (code: String, message: String)? {
        var rest = line[...]
        while let mark = rest.firstRange(of: ":  ") {
            rest = rest[mark.upperBound...]
            let code = rest.prefix(5)
            if code.utf8.allSatisfy({ 0x30...0x39 ~= $0 || 0x41...0x5A ~= $0 }),
                rest.dropFirst(5).hasPrefix(": ")
            {
                return (String(code), String(rest.dropFirst(7)))
            }
        }
        return nil
    }
}

import CPenstockPlatform
import Glibc

extension Program {
    /// Starts this program. To be called on the event loop only: the program dies with the calling thread.
    func spawn(guardSocket: Int32) throws(ChildProcessError) -> penstock_started {
        if let fault { throw .unusable(program: name, reason: fault) }
        let files = CStrings(candidates)
        let arguments = CStrings(arguments)
        let variables = CStrings(environment.map { "\($0)=\($1)" })
        defer {
            files.free()
            arguments.free()
            variables.free()
        }
        var started = penstock_started()
        let failure = folder.withCString { folder in
            files.constant.withUnsafeBufferPointer { files in
                var program = penstock_program(
                    candidates: files.baseAddress, arguments: arguments.start, environment: variables.start,
                    folder: folder, guard: guardSocket)
                return penstock_spawn(&program, &started)
            }
        }
        switch failure.stage {
        case PENSTOCK_STAGE_STARTED: return started
        case PENSTOCK_STAGE_FOLDER:
            throw .unusable(
                program: name,
                reason: "\"\(name)\" cannot run in the folder \(folder): \(text(ofError: failure.error))")
        case PENSTOCK_STAGE_PROGRAM: throw refusal(failure.error)
        default:
            throw .notStarted(
                program: name, reason: "\"\(name)\" could not be started: \(text(ofError: failure.error))")
        }
    }

    private func refusal(_ error: Int32) -> ChildProcessError {
        let place = name.utf8.contains(UInt8(ascii: "/")) ? "from \(folder)" : "in \(searchPath)"
        switch error {
        case ENOENT, ENOTDIR:
            return .unusable(
                program: name,
                reason: "\"\(name)\" was not found \(place), or what its first line names was not")
        case EACCES, EPERM:
            return .unusable(program: name, reason: "\"\(name)\" \(place) is not executable")
        case ENOEXEC:
            return .unusable(
                program: name,
                reason: "\"\(name)\" is neither a binary nor a script whose first line starts with #!")
        case E2BIG:
            return .unusable(
                program: name, reason: "the arguments and environment of \"\(name)\" are too large")
        case ELOOP, ENAMETOOLONG, EISDIR, ELIBBAD, EINVAL:
            return .unusable(program: name, reason: "\"\(name)\" cannot be run: \(text(ofError: error))")
        default:
            return .notStarted(
                program: name, reason: "\"\(name)\" could not be started: \(text(ofError: error))")
        }
    }
}

/// Strings as C wants them: a list of pointers that ends with a null pointer.
private struct CStrings {
    let start: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ texts: [String]) {
        count = texts.count
        start = .allocate(capacity: count + 1)
        for (index, text) in texts.enumerated() { (start + index).initialize(to: strdup(text)) }
        (start + count).initialize(to: nil)
    }

    var constant: [UnsafePointer<CChar>?] {
        UnsafeBufferPointer(start: start, count: count + 1).map { UnsafePointer($0) }
    }

    func free() {
        for index in 0..<count { Glibc.free(start[index]) }
        start.deallocate()
    }
}

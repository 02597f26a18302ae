import Glibc

/// A program as a flow file names it.
package struct Program: Hashable, Sendable {
    /// The program and its arguments. A name without a slash is looked up in the environment's `PATH`; a
    /// relative path is relative to the folder.
    package var arguments: [String]
    /// All of the program's environment: nothing of ours is handed on.
    package var environment: [String: String]
    /// Where the program runs.
    package var folder: String

    package init(_ arguments: [String], environment: [String: String] = [:], folder: String = ".") {
        self.arguments = arguments
        self.environment = environment
        self.folder = folder
    }

    /// Where programs are looked for when the environment has no `PATH`.
    static let standardPath = "/usr/local/bin:/usr/bin:/bin"

    var name: String { arguments.first ?? "" }

    var searchPath: String { environment["PATH"] ?? Self.standardPath }

    /// The files that can be meant, in the order in which they are tried.
    package var candidates: [String] {
        if name.utf8.contains(UInt8(ascii: "/")) { return [name] }
        return searchPath.split(separator: ":", omittingEmptySubsequences: false).map { folder in
            folder.isEmpty ? "./\(name)" : "\(folder)/\(name)"
        }
    }

    /// What of this cannot be handed to a program, in a sentence.
    var fault: String? {
        if name.isEmpty { return "a program needs a name" }
        let texts = arguments + environment.keys + environment.values + [folder]
        if texts.contains(where: { $0.utf8.contains(0) }) {
            return "an argument, the environment or the folder of \"\(name)\" has a zero byte in it"
        }
        if environment.keys.contains(where: { $0.isEmpty || $0.utf8.contains(UInt8(ascii: "=")) }) {
            return "the environment of \"\(name)\" has a name that is empty or has \"=\" in it"
        }
        return nil
    }
}

extension Program {
    /// Why this cannot be started, in a sentence, as far as can be told without starting it.
    package var hindrance: String? {
        if let fault { return fault }
        var isThere = false
        for candidate in candidates {
            let path = candidate.hasPrefix("/") ? candidate : "\(folder)/\(candidate)"
            var facts = stat()
            guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { continue }
            if access(path, X_OK) == 0 { return nil }
            isThere = true
        }
        let place = name.utf8.contains(UInt8(ascii: "/")) ? "from \(folder)" : "in \(searchPath)"
        return isThere ? "\"\(name)\" \(place) is not executable" : "\"\(name)\" was not found \(place)"
    }
}

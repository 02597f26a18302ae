/// Gathers what is wrong with one file.
final class FaultCollector {
    let file: String
    private(set) var faults: [DeclaredFault] = []

    init(file: String) {
        self.file = file
    }

    var count: Int { faults.count }

    func add(_ path: String, _ sentence: String) {
        faults.append(DeclaredFault(file: file, path: path, sentence: sentence))
    }
}

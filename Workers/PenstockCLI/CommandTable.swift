/// All that `penstock` does, in the order in which its help shows it.
enum CommandTable {
    static let all: [Command] =
        [.dev, .work, .enqueue] + jobs + dead + sessions + queues + crons + workers + stores + flows
        + [.doctor, .bench, .completion, .version, .help]

    private static let jobs: [Command] = [.jobShow, .jobList, .jobCancel, .jobRetry]
    private static let dead: [Command] = [.deadList, .deadGroups, .deadShow, .deadRetry, .deadRemove]
    private static let sessions: [Command] = [
        .sessionList, .sessionShow, .sessionHistory, .sessionState, .sessionWatch, .sessionReset,
    ]
    private static let queues: [Command] = [
        .queueList, .queuePause, .queueResume, .queueLimit, .queuePurge,
    ]
    private static let crons: [Command] = [
        .cronAdd, .cronList, .cronShow, .cronRemove, .cronPause, .cronResume, .cronRun, .cronNext,
    ]
    private static let workers: [Command] = [.workerList, .metrics]
    private static let stores: [Command] = [
        .storeStatus, .storeClean, .storeCopy, .storeFailover, .storeUnpair,
    ]
    private static let flows: [Command] = [.flowList, .flowShow, .flowCheck, .flowLimit]

    static func command(_ name: String) -> Command? { all.first { $0.name == name } }

    static func commands(of noun: String) -> [Command] { all.filter { $0.noun == noun } }

    /// The first words of commands, each once.
    static var firstWords: [String] {
        var words: [String] = []
        for command in all {
            let word = command.noun ?? command.name
            if !words.contains(word) { words.append(word) }
        }
        return words
    }
}

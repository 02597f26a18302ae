import PenstockModel

extension Duration {
    /// How long a command such as `BLMOVE` is to wait, in seconds as it takes them. Never `0`, which would be for ever.
    package var blockingSeconds: String {
        let milliseconds = max(1, wholeMilliseconds)
        return "\(milliseconds / 1000).\(String(1000 + milliseconds % 1000).dropFirst())"
    }
}

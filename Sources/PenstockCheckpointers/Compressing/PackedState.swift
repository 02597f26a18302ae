import FoundationEssentials
import PenstockModel
import PenstockZstd

/// How a state is kept when it is compressed: still as a JSON object in a text, so that it fits every store's columns.
///
///     {"__zstd__":"KLUv/SRL…"}
enum PackedState {
    private static let beginning = Array(#"{"__zstd__":""#.utf8)
    private static let end = Array(#""}"#.utf8)
    /// No store takes more in one value.
    private static let largest = 1 << 30

    /// What is to be stored in place of `state`: packed from `threshold` bytes on if it gets smaller, and whatever looks packed
    /// already; `nil` for a state that is stored as it is.
    static func pack(_ state: [UInt8], from threshold: Int?) -> [UInt8]? {
        let looksPacked = state.starts(with: beginning)
        guard looksPacked || state.count >= threshold ?? .max else { return nil }
        let packed = beginning + Data(Zstd.compress(state)).base64EncodedData() + end
        return looksPacked || packed.count < state.count ? packed : nil
    }

    /// The state of what is stored; `nil` when it is damaged.
    static func unpack(_ stored: [UInt8]) -> [UInt8]? {
        guard stored.starts(with: beginning), stored.suffix(end.count).elementsEqual(end) else {
            return stored
        }
        let text = stored[beginning.count..<(stored.count - end.count)]
        guard let frame = Data(base64Encoded: Data(text)) else { return nil }
        return Zstd.decompress(Array(frame), limit: largest)
    }
}

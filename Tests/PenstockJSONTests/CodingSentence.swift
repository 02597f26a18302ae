import PenstockJSON

/// What is said of the error that `body` throws.
func sentence(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "nothing thrown"
    } catch let error as DecodingError {
        return error.sentence
    } catch let error as EncodingError {
        return error.sentence
    } catch { return "\(error)" }
}

struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
}

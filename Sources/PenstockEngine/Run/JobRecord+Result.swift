import PenstockJSON
package import PenstockModel

extension JobRecord {
    /// The result of a job that is done, as JSON; `nil` when the checkpoint that holds it is no longer kept.
    package func readResult(from store: any Checkpointer) async throws(CheckpointerError) -> [UInt8]? {
        guard let result, let checkpoint = try await store.checkpoint(result.checkpoint, of: session) else {
            return nil
        }
        do throws(JSONError) {
            return try resultBytes(of: checkpoint.state, keys: result.keys)
        } catch {
            throw .unreadable(what: "the state of checkpoint \(checkpoint.id)", reason: error.description)
        }
    }
}

/// The part of a state that makes up a result: all of it, or some keys.
func resultBytes(of state: [UInt8], keys: [String]?) throws(JSONError) -> [UInt8] {
    guard let keys, case .object(let object) = try JSON(parsing: state) else { return state }
    return JSON.object(object.only(keys)).bytes
}

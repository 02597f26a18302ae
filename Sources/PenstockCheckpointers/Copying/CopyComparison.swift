import PenstockJSON
import PenstockModel

/// Whether one store has what another has, as far as both can hold it: some databases keep times to the millisecond, and
/// Redis writes metadata without the spaces that it came with.
enum CopyComparison {
    private static let coarsest: Int64 = 1000

    static func equal(_ one: Timestamp, _ other: Timestamp) -> Bool {
        abs(one.microseconds - other.microseconds) < coarsest
    }

    /// Records, but for their owners.
    static func equal(_ one: SessionRecord, _ other: SessionRecord) -> Bool {
        guard equal(one.created, other.created), equal(one.updated, other.updated) else { return false }
        var other = other
        other.owner = one.owner
        other.created = one.created
        other.updated = one.updated
        return one == other
    }

    static func equal(_ one: JobRecord, _ other: JobRecord) -> Bool {
        guard equal(one.created, other.created), equal(one.updated, other.updated) else { return false }
        var other = other
        other.created = one.created
        other.updated = one.updated
        return one == other
    }

    static func equal(_ one: Checkpoint, _ other: Checkpoint) -> Bool {
        guard equal(one.timestamp, other.timestamp), equal(one.metadata, other.metadata) else { return false }
        var other = other
        other.timestamp = one.timestamp
        other.metadata = one.metadata
        return one == other
    }

    private static func equal(_ one: [UInt8]?, _ other: [UInt8]?) -> Bool {
        if one == other { return true }
        guard let one, let other else { return false }
        do throws(JSONError) {
            return try JSON(parsing: one) == JSON(parsing: other)
        } catch {
            return false
        }
    }
}

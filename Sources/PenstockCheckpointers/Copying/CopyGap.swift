import PenstockModel

/// What a session in one store lacks, and has too much, to have the checkpoints of another.
struct CopyGap {
    /// Oldest first.
    let missing: [CheckpointID]
    let surplus: [CheckpointID]

    init(from source: [CheckpointMark], to target: [CheckpointMark]) {
        let (wanted, held) = (Set(source), Set(target))
        missing = source.filter { !held.contains($0) }.map(\.id)
        surplus = target.filter { !wanted.contains($0) }.map(\.id)
    }
}

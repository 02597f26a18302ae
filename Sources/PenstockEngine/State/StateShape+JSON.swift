import PenstockJSON
import PenstockModel

extension StateShape where State == JSONObject {
    /// The shape of a state that is plain JSON: any key may stand in it. The reducers are given by key, as
    /// ``JSONReducer`` names them.
    static func json(reducers names: JSONObject) -> StateShape {
        let declared = names.map { (key: $0.key, value: $0.value.string ?? "") }.sorted { $0.key < $1.key }
        return StateShape(
            initial: { JSONObject() },
            decode: { bytes in
                guard case .object(let stored) = try JSON(parsing: bytes, limits: .stored) else {
                    throw StateError("a state is a JSON object")
                }
                return HeldState(value: stored)
            },
            encode: { held in JSON.object(held.value).bytes },
            merge: { held, partial in
                for (key, value) in partial {
                    guard let reducer = names[key]?.string.flatMap(JSONReducer.init(rawValue:)) else {
                        held.value[key] = value
                        continue
                    }
                    held.value[key] = try reducer.combine(held.value[key], value, key: key)
                }
            },
            reducers: Reducers([]),
            reducerNames: declared.map { ($0.key, $0.value) },
            faults: {
                declared.filter { JSONReducer(rawValue: $0.value) == nil }.map { key, name in
                    .unknownReducer(
                        name, key: key,
                        suggestion: Nearest.suggestion(for: name, among: JSONReducer.allCases.map(\.rawValue))
                    )
                }
            },
            refusal: { _ in nil })
    }
}

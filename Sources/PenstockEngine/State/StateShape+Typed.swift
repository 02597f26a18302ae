import PenstockJSON
import PenstockModel

extension StateShape where State: FlowState {
    /// The shape of a `Codable` type.
    static func typed() -> StateShape {
        let reducers = Reducers(State.reducers)
        return StateShape(
            initial: { State() },
            decode: { bytes in try TypedState.decode(stored: bytes) },
            encode: { held in try TypedState.encode(held) },
            merge: { held, partial in try TypedState.merge(partial, into: &held, by: reducers) },
            reducers: reducers,
            reducerNames: reducers.all.map { ($0.key, $0.name) },
            faults: { TypedState<State>.faults(of: reducers) },
            refusal: { key in TypedState<State>.refusal(of: key) })
    }
}

/// A `Codable` state, to and from JSON.
private enum TypedState<State: FlowState> {
    static func decode(stored bytes: [UInt8]) throws -> HeldState<State> {
        guard case .object(let stored) = try JSON(parsing: bytes, limits: .stored) else {
            throw StateError("a state is a JSON object")
        }
        var whole = try encodeObject(State())
        whole.merge(stored)
        let (value, unused) = try decode(whole)
        return HeldState(value: value, extras: stored.only(unused))
    }

    static func encode(_ held: HeldState<State>) throws -> [UInt8] {
        if held.extras.isEmpty {
            do { return try ExactJSONEncoder().encode(held.value) } catch { throw unwritable(error) }
        }
        var whole = try encodeObject(held.value)
        whole.merge(held.extras)
        return JSON.object(whole).bytes
    }

    static func merge(
        _ partial: JSONObject, into held: inout HeldState<State>, by reducers: Reducers<State>
    ) throws {
        var whole = try encodeObject(held.value)
        whole.merge(partial)
        var (merged, unused) = try decode(whole)
        if let unknown = unused.first {
            throw StateError("the state \(State.self) has no key \"\(unknown)\"\(suggestion(for: unknown))")
        }
        for key in partial.keys {
            try reducers[key]?.reduce(held.value, &merged)
        }
        held.value = merged
    }

    static func refusal(of key: String) -> String? {
        has(key) ? nil : suggestion(for: key)
    }

    /// Whether the state has a key; one that its default does not encode, an absent optional say, is read all
    /// the same.
    private static func has(_ key: String) -> Bool {
        do {
            var whole = try encodeObject(State())
            if whole.has(key) { return true }
            whole[key] = .null
            return try !decode(whole).unused.contains(key)
        } catch {
            // A key that is read, and not as null, is a key of the state.
            return true
        }
    }

    static func faults(of reducers: Reducers<State>) -> [FlowFault] {
        do {
            _ = try decode(encodeObject(State()))
        } catch {
            return [.unusableState(type: "\(State.self)", reason: sentence(of: error))]
        }
        var faults: [FlowFault] = []
        var seen: Set<String> = []
        for reducer in reducers.all {
            if !seen.insert(reducer.key).inserted {
                faults.append(.duplicateReducer(key: reducer.key))
            } else if let suggestion = refusal(of: reducer.key) {
                faults.append(.unknownReducerKey(reducer.key, state: "\(State.self)", suggestion: suggestion))
            }
        }
        return faults
    }

    private static func decode(_ whole: JSONObject) throws -> (State, unused: [String]) {
        do {
            return try ExactJSONDecoder().decodeNotingUnused(State.self, from: whole)
        } catch {
            throw StateError("it does not fit \(State.self)", error)
        }
    }

    private static func encodeObject(_ value: State) throws -> JSONObject {
        do { return try ExactJSONEncoder().encodeObject(value) } catch { throw unwritable(error) }
    }

    private static func unwritable(_ error: any Error) -> StateError {
        StateError("\(State.self) cannot be written as JSON", error)
    }

    /// The nearest of the keys that the default has, and of the properties' names that are keys too.
    private static func suggestion(for key: String) -> String {
        let written = (try? encodeObject(State()).keys) ?? []
        let properties = Mirror(reflecting: State()).children.compactMap(\.label)
        return Nearest.suggestion(for: key, among: written + properties.filter(has))
    }
}

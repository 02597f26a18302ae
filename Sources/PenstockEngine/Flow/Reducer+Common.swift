// The six reducers that nearly every flow makes do with.

extension Reducer {
    /// The new value takes the old one's place, as it does without a reducer.
    public static func replace<Value: Sendable>(
        _ keyPath: any WritableKeyPath<State, Value> & Sendable, key: String? = nil
    ) -> Reducer {
        Reducer("replace", keyPath, key: key) { _, new in new }
    }

    /// The new elements come behind the old ones.
    public static func append<Value: RangeReplaceableCollection & Sendable>(
        _ keyPath: any WritableKeyPath<State, Value> & Sendable, key: String? = nil
    ) -> Reducer {
        Reducer("append", keyPath, key: key) { old, new in old + new }
    }

    /// The sum of old and new.
    public static func sum<Value: AdditiveArithmetic & Sendable>(
        _ keyPath: any WritableKeyPath<State, Value> & Sendable, key: String? = nil
    ) -> Reducer {
        Reducer("sum", keyPath, key: key) { old, new in old + new }
    }

    /// The sum of old and new; one that the type cannot hold is an error, not the end of the program.
    public static func sum<Value: FixedWidthInteger & Sendable>(
        _ keyPath: any WritableKeyPath<State, Value> & Sendable, key: String? = nil
    ) -> Reducer {
        let key = key ?? keyName(of: keyPath)
        return Reducer("sum", keyPath, key: key) { old, new in
            let (sum, overflow) = old.addingReportingOverflow(new)
            guard !overflow else {
                throw StateError(
                    "the sum of \(old) and \(new) under \"\(key)\" is too large for \(Value.self)")
            }
            return sum
        }
    }

    /// Keys of the new dictionary are added to the old one, or replace what it has.
    public static func merge<Key: Hashable & Sendable, Element: Sendable>(
        _ keyPath: any WritableKeyPath<State, [Key: Element]> & Sendable, key: String? = nil
    ) -> Reducer {
        Reducer("merge", keyPath, key: key) { old, new in old.merging(new) { _, new in new } }
    }

    /// The lesser of the two.
    public static func min<Value: Comparable & Sendable>(
        _ keyPath: any WritableKeyPath<State, Value> & Sendable, key: String? = nil
    ) -> Reducer {
        Reducer("min", keyPath, key: key) { old, new in Swift.min(old, new) }
    }

    /// The lesser of the two, or the one that there is.
    public static func min<Value: Comparable & Sendable>(
        _ keyPath: any WritableKeyPath<State, Value?> & Sendable, key: String? = nil
    ) -> Reducer {
        Reducer("min", keyPath, key: key) { old, new in
            guard let old, let new else { return old ?? new }
            return Swift.min(old, new)
        }
    }

    /// The greater of the two.
    public static func max<Value: Comparable & Sendable>(
        _ keyPath: any WritableKeyPath<State, Value> & Sendable, key: String? = nil
    ) -> Reducer {
        Reducer("max", keyPath, key: key) { old, new in Swift.max(old, new) }
    }

    /// The greater of the two, or the one that there is.
    public static func max<Value: Comparable & Sendable>(
        _ keyPath: any WritableKeyPath<State, Value?> & Sendable, key: String? = nil
    ) -> Reducer {
        Reducer("max", keyPath, key: key) { old, new in
            guard let old, let new else { return old ?? new }
            return Swift.max(old, new)
        }
    }
}

// The types that need no container: read off a value at once.

extension JSON {
    /// What comes of reading a value off.
    enum Direct<T> {
        case read(T)
        /// The type is read without asking it, but from another kind of value.
        case unsuited
        /// The type is to be asked.
        case indirect
    }

    /// Reads the value as `type`, if that is one of those that are read without asking it.
    @inline(__always)
    func direct<T>(_ type: T.Type) -> Direct<T> {
        // Where T is known, the compiler leaves but one of these; where not, each costs a comparison.
        if T.self == String.self { return cast(string) }
        if T.self == Int.self { return cast(integer(Int.self)) }
        if T.self == Double.self { return cast(double) }
        if T.self == Bool.self { return cast(bool) }
        if T.self == JSON.self { return cast(self) }
        if T.self == JSONObject.self { return cast(object) }
        if T.self == JSONNumber.self { return cast(number) }
        if T.self == [String].self { return list(of: String.self) }
        if T.self == [Int].self { return list(of: Int.self) }
        if T.self == [Double].self { return list(of: Double.self) }
        if T.self == Float.self { return cast(number?.float) }
        return directInteger(type)
    }

    @inline(__always)
    private func directInteger<T>(_ type: T.Type) -> Direct<T> {
        if T.self == Int64.self { return cast(integer(Int64.self)) }
        if T.self == Int32.self { return cast(integer(Int32.self)) }
        if T.self == Int16.self { return cast(integer(Int16.self)) }
        if T.self == Int8.self { return cast(integer(Int8.self)) }
        if T.self == UInt.self { return cast(integer(UInt.self)) }
        if T.self == UInt64.self { return cast(integer(UInt64.self)) }
        if T.self == UInt32.self { return cast(integer(UInt32.self)) }
        if T.self == UInt16.self { return cast(integer(UInt16.self)) }
        if T.self == UInt8.self { return cast(integer(UInt8.self)) }
        if T.self == Int128.self { return cast(integer(Int128.self)) }
        if T.self == UInt128.self { return cast(integer(UInt128.self)) }
        return .indirect
    }

    @inline(__always)
    private func integer<I: FixedWidthInteger>(_ type: I.Type) -> I? {
        if case .number(let number) = self { number.integer(as: type) } else { nil }
    }

    /// The list, if each element suits; if not, asking the list finds which one does not.
    private func list<Element, T>(of type: Element.Type) -> Direct<T> {
        guard case .array(let values) = self else { return .indirect }
        var list: [Element] = []
        list.reserveCapacity(values.count)
        for value in values {
            guard case .read(let element) = value.direct(type) else { return .indirect }
            list.append(element)
        }
        return .read(unsafeBitCast(list, to: T.self))
    }

    @inline(__always)
    private func cast<Value, T>(_ value: Value?) -> Direct<T> {
        guard let value else { return .unsuited }
        return .read(unsafeBitCast(value, to: T.self))
    }
}

extension JSONNumber {
    /// The nearest `Float`.
    fileprivate var float: Float {
        if case .text(let text) = form { Float(text) ?? .nan } else { Float(double) }
    }
}

/// What a type that is read without asking it expects, in words that tell it from what was found.
func expectation(of type: Any.Type, against found: JSON) -> String {
    if type == String.self { return "a string" }
    if type == Bool.self { return "a boolean" }
    if type == JSONObject.self { return "an object" }
    guard let type = type as? any FixedWidthInteger.Type else { return "a number" }
    return found.number?.isInteger == true ? range(of: type) : "an integer"
}

private func range<I: FixedWidthInteger>(of type: I.Type) -> String { "an integer from \(I.min) to \(I.max)" }

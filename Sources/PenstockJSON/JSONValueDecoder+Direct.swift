// The types that need no container: read off a value at once.

extension JSONValueDecoder {
    /// Reads `value`, which stands under `key` in this decoder's value (or is that, without a key), as one of
    /// the types that are read without asking them, or else leaves it to the type.
    @inline(__always)
    func read<T: Decodable>(
        _ type: T.Type, from value: borrowing JSON, under key: @autoclosure () -> (any CodingKey)?,
        orLeaveItTo ask: (JSON) throws -> T
    ) throws -> T {
        // Where T is known, the compiler leaves but one of these; where not, each costs a comparison. Nothing
        // here is generic in T but the casts: an optional of an unknown type would cost more than all
        // comparisons.
        if T.self == String.self {
            guard let text = value.string else { throw unsuited(type, copy value, under: key()) }
            return unsafeBitCast(text, to: T.self)
        }
        if T.self == Int.self { return unsafeBitCast(try integer(Int.self, value, key()), to: T.self) }
        if T.self == Double.self {
            guard let number = value.double else { throw unsuited(type, copy value, under: key()) }
            return unsafeBitCast(number, to: T.self)
        }
        if T.self == Bool.self {
            guard let truth = value.bool else { throw unsuited(type, copy value, under: key()) }
            return unsafeBitCast(truth, to: T.self)
        }
        if T.self == JSON.self { return unsafeBitCast(copy value, to: T.self) }
        if T.self == JSONObject.self {
            guard let object = value.object else { throw unsuited(type, copy value, under: key()) }
            return unsafeBitCast(object, to: T.self)
        }
        if T.self == JSONNumber.self {
            guard let number = value.number else { throw unsuited(type, copy value, under: key()) }
            return unsafeBitCast(number, to: T.self)
        }
        // A list that does not suit finds out by being asked which of its elements does not.
        if T.self == [String].self, let list = value.list({ $0.string }) {
            return unsafeBitCast(list, to: T.self)
        }
        if T.self == [Int].self, let list = value.list({ $0.int }) { return unsafeBitCast(list, to: T.self) }
        if T.self == [Double].self, let list = value.list({ $0.double }) {
            return unsafeBitCast(list, to: T.self)
        }
        if T.self == Float.self {
            guard let number = value.number else { throw unsuited(type, copy value, under: key()) }
            return unsafeBitCast(number.float, to: T.self)
        }
        if T.self == Int64.self { return unsafeBitCast(try integer(Int64.self, value, key()), to: T.self) }
        if T.self == Int32.self { return unsafeBitCast(try integer(Int32.self, value, key()), to: T.self) }
        if T.self == Int16.self { return unsafeBitCast(try integer(Int16.self, value, key()), to: T.self) }
        if T.self == Int8.self { return unsafeBitCast(try integer(Int8.self, value, key()), to: T.self) }
        if T.self == UInt.self { return unsafeBitCast(try integer(UInt.self, value, key()), to: T.self) }
        if T.self == UInt64.self { return unsafeBitCast(try integer(UInt64.self, value, key()), to: T.self) }
        if T.self == UInt32.self { return unsafeBitCast(try integer(UInt32.self, value, key()), to: T.self) }
        if T.self == UInt16.self { return unsafeBitCast(try integer(UInt16.self, value, key()), to: T.self) }
        if T.self == UInt8.self { return unsafeBitCast(try integer(UInt8.self, value, key()), to: T.self) }
        if T.self == Int128.self { return unsafeBitCast(try integer(Int128.self, value, key()), to: T.self) }
        if T.self == UInt128.self {
            return unsafeBitCast(try integer(UInt128.self, value, key()), to: T.self)
        }
        return try ask(copy value)
    }

    @inline(__always)
    private func integer<I: FixedWidthInteger>(
        _ type: I.Type, _ value: borrowing JSON, _ key: @autoclosure () -> (any CodingKey)?
    ) throws -> I {
        guard let integer = value.number?.integer(as: type) else {
            throw unsuited(type, copy value, under: key())
        }
        return integer
    }

    /// The error for a value of another kind than a type that is not asked is read from.
    @inline(never)
    private func unsuited(_ type: Any.Type, _ found: JSON, under key: (any CodingKey)?) -> DecodingError {
        mismatch(type, expectation(of: type, against: found), found, under: key)
    }
}

extension JSON {
    /// The list, if each element suits.
    @inline(__always)
    fileprivate func list<Element>(_ read: (JSON) -> Element?) -> [Element]? {
        guard case .array(let values) = self else { return nil }
        var list: [Element] = []
        list.reserveCapacity(values.count)
        for value in values {
            guard let element = read(value) else { return nil }
            list.append(element)
        }
        return list
    }
}

extension JSONNumber {
    /// The nearest `Float`.
    fileprivate var float: Float {
        if case .text(let text) = form { Float(text) ?? .nan } else { Float(double) }
    }
}

/// What a type that is not asked expects, in words that tell it from what was found.
private func expectation(of type: Any.Type, against found: JSON) -> String {
    if type == String.self { return "a string" }
    if type == Bool.self { return "a boolean" }
    if type == JSONObject.self { return "an object" }
    guard let type = type as? any FixedWidthInteger.Type else { return "a number" }
    return found.number?.isInteger == true ? range(of: type) : "an integer"
}

private func range<I: FixedWidthInteger>(of type: I.Type) -> String { "an integer from \(I.min) to \(I.max)" }

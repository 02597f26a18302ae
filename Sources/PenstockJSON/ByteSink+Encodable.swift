// The types that need no container: their bytes are known at once.

extension ByteSink {
    /// Appends a value whose type is one of those that are written without asking it.
    ///
    /// - Returns: False, and nothing is appended, if it is another type.
    @inline(__always)
    mutating func appendDirectly<T>(_ value: T) -> Bool {
        // Where T is known, the compiler leaves but one of these; where not, each costs a comparison.
        if T.self == String.self {
            append(unsafeBitCast(value, to: String.self))
        } else if T.self == Int.self {
            append(Int64(unsafeBitCast(value, to: Int.self)))
        } else if T.self == Double.self {
            append(unsafeBitCast(value, to: Double.self))
        } else if T.self == Bool.self {
            append(unsafeBitCast(value, to: Bool.self))
        } else if T.self == JSON.self {
            append(unsafeBitCast(value, to: JSON.self))
        } else if T.self == JSONObject.self {
            append(unsafeBitCast(value, to: JSONObject.self))
        } else if T.self == JSONNumber.self {
            append(unsafeBitCast(value, to: JSONNumber.self))
        } else if T.self == [String].self {
            appendList(unsafeBitCast(value, to: [String].self))
        } else if T.self == [Int].self {
            appendList(unsafeBitCast(value, to: [Int].self))
        } else if T.self == [Double].self {
            appendList(unsafeBitCast(value, to: [Double].self))
        } else if T.self == Float.self {
            append(unsafeBitCast(value, to: Float.self))
        } else {
            return appendRareInteger(value)
        }
        return true
    }

    @inline(__always)
    private mutating func appendRareInteger<T>(_ value: T) -> Bool {
        if T.self == Int64.self {
            append(unsafeBitCast(value, to: Int64.self))
        } else if T.self == Int32.self {
            append(Int64(unsafeBitCast(value, to: Int32.self)))
        } else if T.self == Int16.self {
            append(Int64(unsafeBitCast(value, to: Int16.self)))
        } else if T.self == Int8.self {
            append(Int64(unsafeBitCast(value, to: Int8.self)))
        } else if T.self == UInt.self {
            append(UInt64(unsafeBitCast(value, to: UInt.self)))
        } else if T.self == UInt64.self {
            append(unsafeBitCast(value, to: UInt64.self))
        } else if T.self == UInt32.self {
            append(UInt64(unsafeBitCast(value, to: UInt32.self)))
        } else if T.self == UInt16.self {
            append(UInt64(unsafeBitCast(value, to: UInt16.self)))
        } else if T.self == UInt8.self {
            append(UInt64(unsafeBitCast(value, to: UInt8.self)))
        } else if T.self == Int128.self {
            append(JSONNumber(unsafeBitCast(value, to: Int128.self)))
        } else if T.self == UInt128.self {
            append(JSONNumber(unsafeBitCast(value, to: UInt128.self)))
        } else {
            return false
        }
        return true
    }

    private mutating func appendList<Element>(_ values: [Element]) {
        open("[")
        var isFirst = true
        for value in values {
            if !isFirst { append(byte: UInt8(ascii: ",")) }
            isFirst = false
            _ = appendDirectly(value)
        }
        close("]")
    }

    /// Appends a float with no more digits than a `Float` has: 0.1, not 0.10000000149011612.
    private mutating func append(_ value: Float) {
        append(value.isFinite ? Double(value.description) ?? Double(value) : Double(value))
    }
}

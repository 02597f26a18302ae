/// A list of arguments, already written: for those of a script, or where their number is only known at run time.
package struct RedisArguments: Sendable {
    package private(set) var count = 0
    private(set) var bytes: [UInt8] = []

    package init() {}

    package init<each Argument: RedisArgument>(_ argument: repeat each Argument) {
        var size = 0
        repeat size += (each argument).redisByteCount
        bytes.reserveCapacity(size)
        repeat append(each argument)
    }

    package init(_ list: [some RedisArgument]) {
        append(contentsOf: list)
    }

    package mutating func append(_ argument: some RedisArgument) {
        count += argument.redisArgumentCount
        argument.write(to: &bytes)
    }

    package mutating func append(contentsOf list: [some RedisArgument]) {
        bytes.reserveCapacity(bytes.count + list.reduce(0) { $0 + $1.redisByteCount })
        for argument in list { append(argument) }
    }
}

extension RedisArguments: RedisArgument {
    package var redisArgumentCount: Int { count }
    package var redisByteCount: Int { bytes.count }
    package func write(to bytes: inout [UInt8]) { bytes.append(contentsOf: self.bytes) }
}

extension RedisArguments: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: any RedisArgument...) {
        bytes.reserveCapacity(elements.reduce(0) { $0 + $1.redisByteCount })
        for argument in elements { append(argument) }
    }
}

/// A list of arguments, already written: for those of a script, or where their number is only known at run time.
///
///     RedisCommand("DEL", RedisArguments(keys))
package struct RedisArguments: Sendable {
    package private(set) var count = 0
    private var bytes: [UInt8] = []

    package init() {}

    package init<each Argument: RedisArgument>(_ argument: repeat each Argument) {
        var (size, number) = (0, 0)
        for argument in repeat each argument {
            size += argument.redisByteCount
            number += argument.redisArgumentCount
        }
        count = number
        bytes.reserveCapacity(size)
        for argument in repeat each argument {
            bytes.appendArgument(argument)
        }
    }

    package init(_ list: [some RedisArgument]) {
        append(contentsOf: list)
    }

    package mutating func append(_ argument: some RedisArgument) {
        count += argument.redisArgumentCount
        bytes.appendArgument(argument)
    }

    package mutating func append(contentsOf list: [some RedisArgument]) {
        let size = list.reduce(0) { $0 + $1.redisByteCount }
        count += list.reduce(0) { $0 + $1.redisArgumentCount }
        bytes.append(addingCapacity: size) { wire in
            for argument in list { argument.write(to: &wire) }
        }
    }
}

extension RedisArguments: RedisArgument {
    package var redisArgumentCount: Int { count }
    package var redisByteCount: Int { bytes.count }

    package func write(to wire: inout OutputSpan<UInt8>) {
        bytes.withUnsafeBufferPointer { wire.append(copying: $0) }
    }
}

extension RedisArguments: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: any RedisArgument...) {
        bytes.reserveCapacity(elements.reduce(0) { $0 + $1.redisByteCount })
        for argument in elements { append(argument) }
    }
}

package import PenstockModel

/// Names a cron entry.
package typealias CronName = Identifier<CronKind>

/// The kind of ``CronName``.
package enum CronKind: IdentifierKind {
    package static var noun: String { "cron entry's name" }
    /// It stands in the ids of the entry's jobs, which have room for 255.
    package static var maxLength: Int { 100 }
}

/// What is wrong with a cron entry: a sentence that says what was expected and what came.
package struct CronFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ sentence: String) {
        description = sentence
    }
}

/// What a script that writes elsewhere in this Redis does beside, in the same step.
package struct RedisErrand: Sendable {
    /// It writes only while this key has this value.
    package var condition: (key: String, value: String)?
    /// It does what this call does once it has written, and answers as that does.
    package var call: RedisScriptCall?

    package init(onlyWhile condition: (key: String, value: String)?, then call: RedisScriptCall?) {
        self.condition = condition
        self.call = call
    }
}

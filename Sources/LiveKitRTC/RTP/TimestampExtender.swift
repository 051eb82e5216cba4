/// Turns RTP timestamps that wrap each 2³² units into numbers that do not.
package struct TimestampExtender: Sendable {
    private var highest: Int64?

    package init() {}

    /// The timestamp without wraps.
    package mutating func extend(_ timestamp: UInt32) -> Int64 {
        guard let last = highest else {
            highest = Int64(timestamp)
            return Int64(timestamp)
        }
        let step = Int32(bitPattern: timestamp &- UInt32(truncatingIfNeeded: last))
        let extended = last + Int64(step)
        highest = max(last, extended)
        return extended
    }
}

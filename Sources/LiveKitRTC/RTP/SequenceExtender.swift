package import LiveKitCore

/// Turns sequence numbers that wrap each 65536 packets into numbers that do not.
///
/// The first number is taken as it is, so packets from before it may come out negative. It decides nothing about
/// what is a plausible jump: half the circle ahead is newer, half is older (RFC 3711 §3.3.1 estimates the same way).
package struct SequenceExtender: Sendable {
    /// The highest number so far, or `nil` before the first.
    package private(set) var highest: Int64?

    package init() {}

    /// The number without wraps, which becomes ``highest`` if it is newer.
    package mutating func extend(_ number: SequenceNumber) -> Int64 {
        let extended = extended(number)
        highest = max(highest ?? extended, extended)
        return extended
    }

    /// The number without wraps, remembered by nobody.
    package func extended(_ number: SequenceNumber) -> Int64 {
        guard let highest else { return Int64(number.rawValue) }
        let reference = SequenceNumber(rawValue: UInt16(truncatingIfNeeded: highest))
        return highest + Int64(reference.distance(to: number))
    }

    /// Forgets everything, as after a restart of the stream.
    package mutating func reset() { highest = nil }
}

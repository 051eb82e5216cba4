/// An RTP sequence number: 16 bits that wrap, ordered by serial number arithmetic.
///
/// Deliberately not `Comparable`: the order is not transitive over the whole circle, so sorting by it
/// would be a bug. Ask ``isNewer(than:)`` or ``distance(to:)`` instead.
///
/// - SeeAlso: [RFC 3550 §5.1](https://www.rfc-editor.org/rfc/rfc3550#section-5.1),
///   [RFC 1982 §3](https://www.rfc-editor.org/rfc/rfc1982#section-3).
public struct SequenceNumber: RawRepresentable, Hashable, Sendable {
    /// The number as it stands in the header.
    public var rawValue: UInt16

    /// Wraps the number as it stands in the header.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Steps from here to `other`, positive when `other` is newer. In `-32768...32767`.
    public func distance(to other: SequenceNumber) -> Int {
        Int(Int16(bitPattern: other.rawValue &- rawValue))
    }

    /// Whether this number was sent after `other`. False for equal numbers and for the ambiguous
    /// opposite point of the circle.
    public func isNewer(than other: SequenceNumber) -> Bool {
        other.distance(to: self) > 0
    }

    /// The number `steps` after this one.
    public func advanced(by steps: Int) -> SequenceNumber {
        SequenceNumber(rawValue: rawValue &+ UInt16(truncatingIfNeeded: steps))
    }
}

/// A sequence number that counts all packets of one transport, for its congestion feedback.
///
/// - SeeAlso: draft-holmer-rmcat-transport-wide-cc-extensions-01 §2.
public struct TransportSequenceNumber: RawRepresentable, Hashable, Sendable {
    /// The number.
    public var rawValue: SequenceNumber

    /// Wraps the number.
    public init(rawValue: SequenceNumber) {
        self.rawValue = rawValue
    }

    /// Reads the element's value; the feedback request of the extension's second version is ignored.
    public init(parsing bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        rawValue = SequenceNumber(rawValue: try reader.read())
    }

    /// The element's value.
    public func encoded() -> [UInt8] {
        [UInt8(truncatingIfNeeded: rawValue.rawValue >> 8), UInt8(truncatingIfNeeded: rawValue.rawValue)]
    }
}

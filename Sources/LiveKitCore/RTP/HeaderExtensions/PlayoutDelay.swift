/// Limits that a sender sets for its receivers' delay between capture and rendering.
///
/// - SeeAlso: `http://www.webrtc.org/experiments/rtp-hdrext/playout-delay`.
public struct PlayoutDelay: Hashable, Sendable {
    /// The least delay in units of 10 ms, 0...4095.
    public var minimum: UInt16
    /// The greatest delay in units of 10 ms, 0...4095.
    public var maximum: UInt16

    /// Creates limits in units of 10 ms; above 4095 means 4095.
    public init(minimum: UInt16, maximum: UInt16) {
        self.minimum = min(minimum, 0xFFF)
        self.maximum = min(maximum, 0xFFF)
    }

    /// Reads the element's value: twelve bits each.
    public init(parsing bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        let both = try reader.readUInt24()
        minimum = UInt16(truncatingIfNeeded: both >> 12)
        maximum = UInt16(truncatingIfNeeded: both & 0xFFF)
    }

    /// The element's value.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 3)
        writer.writeUInt24(UInt32(min(minimum, 0xFFF)) << 12 | UInt32(min(maximum, 0xFFF)))
        return writer.bytes
    }
}

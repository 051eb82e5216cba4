/// When a packet left its sender: 24 bits, seconds in 6.18 fixed point, wrapping each 64 s.
///
/// - SeeAlso: `http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time`.
public struct AbsoluteSendTime: RawRepresentable, Hashable, Sendable {
    /// The 24 bits as they stand in the element.
    public var rawValue: UInt32

    /// Wraps the low 24 bits.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue & 0xFF_FFFF
    }

    /// The middle bits of an NTP timestamp, as the extension defines itself.
    public init(_ timestamp: NTPTimestamp) {
        self.init(rawValue: UInt32(truncatingIfNeeded: timestamp.rawValue >> 14))
    }

    /// A point on a monotonic timeline; only differences mean something to the receiver.
    package init(_ instant: MediaInstant) {
        let ticks = UInt64(bitPattern: instant.nanoseconds % 64_000_000_000) << 18 / 1_000_000_000
        self.init(rawValue: UInt32(truncatingIfNeeded: ticks))
    }

    /// Reads the element's value.
    public init(parsing bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        self.init(rawValue: try reader.readUInt24())
    }

    /// The element's value.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 3)
        writer.writeUInt24(rawValue)
        return writer.bytes
    }
}

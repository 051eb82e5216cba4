/// When the media of a packet was captured, on the clock of its capturer.
///
/// - SeeAlso: `http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time`.
public struct AbsoluteCaptureTime: Hashable, Sendable {
    /// The instant of capture.
    public var captureTime: NTPTimestamp
    /// What to add to the sender's clock to get the capturer's, in 32.32 fixed point seconds.
    public var clockOffset: Int64?

    /// Creates a capture time.
    public init(captureTime: NTPTimestamp, clockOffset: Int64? = nil) {
        self.captureTime = captureTime
        self.clockOffset = clockOffset
    }

    /// Reads the element's value: eight bytes, or sixteen with the offset.
    public init(parsing bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        captureTime = NTPTimestamp(rawValue: try reader.read())
        clockOffset = reader.remaining >= 8 ? try reader.read(Int64.self) : nil
    }

    /// The element's value.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 16)
        writer.write(captureTime.rawValue)
        if let clockOffset { writer.write(clockOffset) }
        return writer.bytes
    }
}

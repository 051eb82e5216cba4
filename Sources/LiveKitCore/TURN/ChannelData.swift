extension WireError.Field {
    /// The number of a TURN channel.
    package static let channelNumber = Self("channel number")
}

/// A ChannelData message (RFC 8656 §12.4): data under the short name that ChannelBind gave a peer.
///
/// ```
///  channel number 0x4000...0x4FFF | length of the data
///  data, on streams with padding to a multiple of four that the length does not count
/// ```
public struct ChannelData: Hashable, Sendable {
    /// The numbers that may be bound. What lies above is reserved (RFC 8656 §12).
    public static let numbers: ClosedRange<UInt16> = 0x4000...0x4FFF
    /// Bytes before the data.
    public static let headerSize = 4
    /// What the length field can say.
    public static let maximumPayload = Int(UInt16.max)

    /// The channel.
    public var number: UInt16
    /// What is carried.
    public var payload: [UInt8]

    /// A message to send.
    public init(number: UInt16, payload: [UInt8]) {
        self.number = number
        self.payload = payload
    }

    /// Parses one whole message: a datagram, or one frame of a stream. Up to three bytes of padding may follow
    /// the data.
    public init(parsing bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        number = try reader.read()
        guard Self.numbers.contains(number) else { throw .invalid(.channelNumber) }
        let length = Int(try reader.read(UInt16.self))
        payload = try reader.readBytes(length)
        guard reader.remaining < 4 else { throw .invalid(.length) }
    }

    /// Parses one whole message.
    public init(parsing bytes: [UInt8]) throws(WireError) {
        try self.init(parsing: bytes.rawSpan)
    }

    /// Writes the message.
    ///
    /// - Parameter isPadded: Pads to a multiple of four, which streams need (RFC 8656 §12.5).
    /// - Returns: The whole message. Data beyond ``maximumPayload`` is cut off.
    public func encoded(isPadded: Bool = false) -> [UInt8] {
        let data = payload.prefix(Self.maximumPayload)
        var writer = ByteWriter(capacity: Self.headerSize + data.count + 3)
        writer.write(number)
        writer.write(UInt16(clamping: data.count))
        writer.write(bytes: data)
        if isPadded { writer.pad(to: 4) }
        return writer.bytes
    }

    /// Whether a datagram or frame is ChannelData rather than STUN, by its first byte (RFC 7983).
    public static func looksLikeChannelData(_ bytes: RawSpan) -> Bool {
        guard bytes.byteCount >= headerSize else { return false }
        return unsafe (0x40...0x4F).contains(bytes.unsafeLoad(fromByteOffset: 0, as: UInt8.self))
    }
}

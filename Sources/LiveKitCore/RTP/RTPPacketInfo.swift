/// Where things are in one RTP packet: the fixed fields, and offsets into the bytes it was read from.
///
/// For the packet path: trivial, without heap, made once for each datagram. ``RTPHeader`` is the same header
/// as a value with arrays.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |V=2|P|X|  CC   |M|     PT      |       sequence number         |
/// |                           timestamp                           |
/// |                             SSRC                              |
/// |                        CSRC, CC times                         |
/// |     extension profile (X)     |        length in words        |
/// |                      extension elements                       |
/// ```
///
/// - SeeAlso: [RFC 3550 §5.1](https://www.rfc-editor.org/rfc/rfc3550#section-5.1).
public struct RTPPacketInfo: Hashable, Sendable {
    /// The packet's place in its stream.
    public let sequenceNumber: SequenceNumber
    /// The sampling instant of the payload's first octet, in units of the payload's clock.
    public let timestamp: UInt32
    /// The stream.
    public let ssrc: SSRC
    /// The payload type, 0...127.
    public let payloadType: UInt8
    /// The marker bit: for video, the last packet of a frame.
    public let marker: Bool
    /// The profile of the header extension, or zero without one.
    public let extensionProfile: UInt16
    /// How many contributing sources the header lists, 0...15.
    public let csrcCount: UInt8
    private let paddingOctets: UInt8
    private let headerOctets: UInt16
    private let payloadOctets: UInt16
    private let extensionOctets: UInt16

    /// The header's size in bytes, contributing sources and extension included.
    public var headerSize: Int { Int(headerOctets) }
    /// Where the payload starts.
    public var payloadOffset: Int { Int(headerOctets) }
    /// The payload's size without padding.
    public var payloadSize: Int { Int(payloadOctets) }
    /// The padding's size, its count octet included.
    public var paddingSize: Int { Int(paddingOctets) }
    /// The size of the extension's elements, without its four-byte head.
    public var extensionLength: Int { Int(extensionOctets) }
    /// Where the extension's elements start.
    public var extensionOffset: Int { Int(headerOctets) - Int(extensionOctets) }
    /// The whole packet's size.
    public var packetSize: Int { headerSize + payloadSize + paddingSize }

    static let version: UInt8 = 2
    static let fixedSize = 12
    /// What UDP can carry; also what makes the offsets fit 16 bits.
    static let maximumPacketSize = 65_535

    /// Reads the header of the packet that `bytes` hold from the first to the last.
    public init(parsing bytes: RawSpan) throws(WireError) {
        guard bytes.byteCount <= Self.maximumPacketSize else { throw .invalid(.length) }
        var reader = ByteReader(bytes)
        let first: UInt8 = try reader.read()
        guard first >> 6 == Self.version else { throw .invalid(.version) }
        let second: UInt8 = try reader.read()
        marker = second & 0x80 != 0
        payloadType = second & 0x7F
        sequenceNumber = SequenceNumber(rawValue: try reader.read())
        timestamp = try reader.read()
        ssrc = SSRC(rawValue: try reader.read())
        csrcCount = first & 0x0F
        try reader.skip(Int(csrcCount) * 4)
        if first & 0x10 != 0 {
            extensionProfile = try reader.read()
            let size = Int(try reader.read(UInt16.self)) * 4
            try reader.skip(size)
            extensionOctets = UInt16(truncatingIfNeeded: size)
        } else {
            extensionProfile = 0
            extensionOctets = 0
        }
        headerOctets = UInt16(truncatingIfNeeded: reader.offset)
        paddingOctets = first & 0x20 == 0 ? 0 : try Self.padding(at: bytes, behind: reader.offset)
        payloadOctets = UInt16(truncatingIfNeeded: reader.remaining - Int(paddingOctets))
    }

    /// RFC 3550 §5.1: the last octet counts the padding, itself included; it cannot reach into the header.
    private static func padding(at bytes: RawSpan, behind headerSize: Int) throws(WireError) -> UInt8 {
        guard let count = bytes.octet(at: bytes.byteCount - 1), count > 0, Int(count) <= bytes.byteCount - headerSize
        else { throw .invalid(.padding) }
        return count
    }

    /// Where the value of the extension element `id` is, or `nil` if the packet has none. Allocates nothing.
    ///
    /// `bytes` are the packet that this value was read from. Empty values of the two-byte form have size zero.
    public func extensionRange(id: UInt8, in bytes: RawSpan) -> (offset: Int, size: Int)? {
        guard extensionOctets > 0 else { return nil }
        var cursor = RTPExtensionCursor(profile: extensionProfile, offset: extensionOffset, size: extensionLength)
        while let element = cursor.next(in: bytes) {
            if element.id == id { return (element.offset, element.size) }
        }
        return nil
    }
}

extension WireError.Field {
    /// The padding count at the packet's end.
    public static let padding = Self("padding")
}

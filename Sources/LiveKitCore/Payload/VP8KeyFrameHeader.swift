/// What a VP8 key frame starts with: its size in pixels.
///
/// - SeeAlso: [RFC 6386 §9.1](https://www.rfc-editor.org/rfc/rfc6386#section-9.1).
public struct VP8KeyFrameHeader: Hashable, Sendable {
    /// Width in pixels, 14 bits.
    public var width: UInt16
    /// Height in pixels, 14 bits.
    public var height: UInt16

    static let startCode: UInt32 = 0x9D_012A

    /// Reads the start of a frame. Interframes, and key frames without the start code, throw.
    public init(parsing frame: RawSpan) throws(WireError) {
        var reader = ByteReader(frame)
        guard try reader.read(UInt8.self) & 1 == 0 else { throw .invalid(.type) }
        try reader.skip(2)
        guard try reader.readUInt24() == Self.startCode else { throw .invalid(.startCode) }
        width = try reader.readLittleEndian(UInt16.self) & 0x3FFF
        height = try reader.readLittleEndian(UInt16.self) & 0x3FFF
    }
}

extension VP8PayloadDescriptor {
    /// Whether `payload`, which this descriptor was read from, is the first packet of a key frame: by the frame
    /// tag's inverse key frame bit and the start code.
    public func isKeyFrame(payload: RawSpan) -> Bool {
        let start = encodedSize
        guard isPartitionStart, partitionIndex == 0, let tag = payload.octet(at: start), tag & 1 == 0,
            let code: UInt32 = payload.networkInteger(at: start + 2)
        else { return false }
        return code & 0xFF_FFFF == VP8KeyFrameHeader.startCode
    }

    /// Whether a VP8 payload is the first packet of a key frame.
    public static func isKeyFrame(payload: RawSpan) -> Bool {
        guard let descriptor = try? VP8PayloadDescriptor(parsing: payload) else { return false }
        return descriptor.isKeyFrame(payload: payload)
    }
}

extension WireError.Field {
    /// The start code of a key frame.
    public static let startCode = Self("start code")
}

internal import LiveKitCore
internal import LiveKitRTC

/// Writes the RTP headers of one stream: the extensions that were agreed, without allocating for a packet. The send
/// time and the number in the transport are left for the connection, which knows when a packet leaves.
///
/// ```
///  fixed header (12) | 0xBEDE, length | mid | rid | audio level | abs-send-time | transport number | padding
/// ```
///
/// - SeeAlso: [RFC 8285 §4.2](https://www.rfc-editor.org/rfc/rfc8285#section-4.2).
struct PacketTemplate {
    /// The ids of the extensions that we write; zero for those that were not agreed.
    struct ExtensionIDs: Hashable {
        var mid: UInt8 = 0
        var rid: UInt8 = 0
        var repairedRID: UInt8 = 0
        var audioLevel: UInt8 = 0
        var absoluteSendTime: UInt8 = 0
        var transportSequence: UInt8 = 0

        init() {}

        init(_ extensions: [HeaderExtensionMapping]) {
            // Above 14 the one-byte form has no room.
            for mapping in extensions where mapping.id <= 14 {
                switch mapping.uri {
                case RTPHeaderExtensionURI.mediaIdentification: mid = mapping.id
                case RTPHeaderExtensionURI.streamIdentifier: rid = mapping.id
                case RTPHeaderExtensionURI.repairedStreamIdentifier: repairedRID = mapping.id
                case RTPHeaderExtensionURI.audioLevel: audioLevel = mapping.id
                case RTPHeaderExtensionURI.absoluteSendTime: absoluteSendTime = mapping.id
                case RTPHeaderExtensionURI.transportSequenceNumber: transportSequence = mapping.id
                default: break
                }
            }
        }
    }

    /// What differs from packet to packet.
    struct Fields {
        var payloadType: UInt8
        var marker: Bool
        var sequenceNumber: SequenceNumber
        var timestamp: UInt32
        var ssrc: SSRC
        var audioLevel: UInt8? = nil
    }

    /// Elements that are the same in each packet, encoded.
    private let constant: [UInt8]
    private let ids: ExtensionIDs

    init(ids: ExtensionIDs, mid: String?, rid: String?, isRepair: Bool = false) {
        self.ids = ids
        var bytes: [UInt8] = []
        Self.append(ids.mid, mid, to: &bytes)
        Self.append(isRepair ? ids.repairedRID : ids.rid, rid, to: &bytes)
        constant = bytes
    }

    /// Names longer than 16 bytes do not fit the one-byte form; LiveKit's are shorter.
    private static func append(_ id: UInt8, _ text: String?, to bytes: inout [UInt8]) {
        guard id > 0, let text, (1...16).contains(text.utf8.count) else { return }
        bytes.append(id << 4 | UInt8(text.utf8.count - 1))
        bytes.append(contentsOf: text.utf8)
    }

    /// Writes the header at the start of `slot` and returns its size.
    func write(_ fields: Fields, to slot: UnsafeMutableRawBufferPointer) -> Int {
        var span = unsafe MutableRawSpan(_unsafeBytes: slot)
        span.rewriteRTPHeader(
            payloadType: fields.payloadType, marker: fields.marker, sequenceNumber: fields.sequenceNumber,
            timestamp: fields.timestamp, ssrc: fields.ssrc)
        var offset = 16
        span.store(constant.rawSpan, at: offset)
        offset += constant.count
        if ids.audioLevel > 0, let level = fields.audioLevel {
            span.store(networkInteger: UInt16(ids.audioLevel << 4) << 8 | UInt16(level), at: offset)
            offset += 2
        }
        if ids.absoluteSendTime > 0 {
            span.store(networkInteger: UInt32(ids.absoluteSendTime << 4 | 2) << 24, at: offset)
            offset += 4
        }
        if ids.transportSequence > 0 {
            span.store(networkInteger: ids.transportSequence << 4 | 1, at: offset)
            span.store(networkInteger: UInt16(0), at: offset + 1)
            offset += 3
        }
        guard offset > 16 else {
            span.store(networkInteger: UInt8(0x80), at: 0)
            return 12
        }
        while offset % 4 != 0 {
            span.store(networkInteger: UInt8(0), at: offset)
            offset += 1
        }
        span.store(networkInteger: UInt8(0x90), at: 0)
        span.store(networkInteger: UInt16(0xBEDE), at: 12)
        span.store(networkInteger: UInt16((offset - 16) / 4), at: 14)
        return offset
    }
}

internal import LiveKitCore

/// The XOR of RTP packets, as FlexFEC forms it: the fields of the fixed header each in its place, what is behind it
/// filled up with zeros.
struct FlexFECParity {
    private(set) var flags: UInt16
    private(set) var length: UInt16
    private(set) var timestamp: UInt32
    /// What is behind the fixed headers, as long as the longest packet.
    private(set) var body: [UInt8]

    /// The XOR of nothing.
    init() {
        (flags, length, timestamp, body) = (0, 0, 0, [])
    }

    /// What a repair packet carries.
    init(_ header: FlexFECHeader, body: [UInt8]) {
        flags = header.flagsRecovery
        length = header.lengthRecovery
        timestamp = header.timestampRecovery
        self.body = body
    }

    mutating func add(_ packet: RawSpan) {
        guard let flags: UInt16 = packet.networkInteger(at: 0), let timestamp: UInt32 = packet.networkInteger(at: 4),
            packet.byteCount >= FlexFECHeader.protectedHeaderSize
        else { return }
        let size = packet.byteCount - FlexFECHeader.protectedHeaderSize
        self.flags ^= flags
        self.timestamp ^= timestamp
        length ^= UInt16(truncatingIfNeeded: size)
        if body.count < size { body.append(contentsOf: repeatElement(0, count: size - body.count)) }
        unsafe body.withUnsafeMutableBytes { target in
            unsafe packet.withUnsafeBytes { source in
                for index in 0..<size {
                    unsafe target[index] ^= source[FlexFECHeader.protectedHeaderSize + index]
                }
            }
        }
    }

    /// The packet that is left when all others that went in came out again; `nil` where that makes no sense.
    func packet(_ sequenceNumber: SequenceNumber, ssrc: SSRC) -> [UInt8]? {
        let size = FlexFECHeader.protectedHeaderSize + Int(length)
        guard Int(length) <= body.count, size <= RTPLimits.packetSize else { return nil }
        var writer = ByteWriter(capacity: size)
        writer.write(UInt16(0x8000) | flags & ~FlexFECHeader.versionBits)
        writer.write(sequenceNumber.rawValue)
        writer.write(timestamp)
        writer.write(ssrc.rawValue)
        writer.write(bytes: body.prefix(Int(length)))
        return writer.bytes
    }
}

/// The ids of the header extensions that are written after the packets are protected, by the pacer or by the way: they
/// count as zeros.
package struct FlexFECMutableExtensions: Hashable, Sendable {
    package var transportSequence: UInt8?
    package var absoluteSendTime: UInt8?
    package var transmissionOffset: UInt8?

    package init() {}

    package init(_ extensions: [HeaderExtensionMapping]) {
        for mapping in extensions {
            switch mapping.uri {
            case RTPHeaderExtensionURI.transportSequenceNumber: transportSequence = mapping.id
            case RTPHeaderExtensionURI.absoluteSendTime: absoluteSendTime = mapping.id
            case RTPHeaderExtensionURI.transmissionTimeOffset: transmissionOffset = mapping.id
            default: break
            }
        }
    }

    /// The packet with zeros in those extensions.
    func cleared(_ packet: RawSpan, info: RTPPacketInfo) -> [UInt8] {
        var bytes = [UInt8](copying: packet)
        guard info.extensionLength > 0 else { return bytes }
        for id in [transportSequence, absoluteSendTime, transmissionOffset] {
            guard let id, let range = info.extensionRange(id: id, in: packet) else { continue }
            for index in range.offset..<range.offset + range.size where bytes.indices.contains(index) {
                bytes[index] = 0
            }
        }
        return bytes
    }
}

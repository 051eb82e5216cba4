/// The RTCP packets of one datagram: a compound packet, or a reduced-size one, which may start with any packet.
///
/// Reading never fails as a whole. A broken packet ends it, since nothing behind can be trusted to start where it
/// seems to; what was read before counts, and ``failure`` tells what went wrong.
///
/// - SeeAlso: [RFC 3550 §6.1](https://www.rfc-editor.org/rfc/rfc3550#section-6.1),
///   [RFC 5506 §3.1](https://www.rfc-editor.org/rfc/rfc5506#section-3.1).
public struct RTCPCompound: Hashable, Sendable {
    /// The packets in their order.
    public var packets: [RTCPPacket]
    /// Why reading ended before the datagram did, if so.
    public private(set) var failure: WireError?

    /// Creates a compound of packets to send.
    public init(_ packets: [RTCPPacket]) {
        self.packets = packets
    }

    /// Reads one datagram.
    public init(parsing bytes: RawSpan) {
        packets = []
        // A report, a description and one feedback are what most datagrams hold.
        packets.reserveCapacity(3)
        var reader = ByteReader(bytes)
        do throws(WireError) {
            repeat {
                let rest = bytes.clamped(offset: reader.offset, size: reader.remaining)
                let header = try RTCPHeader(parsing: &reader)
                try reader.skip(header.packetSize - RTCPHeader.size)
                packets.append(try RTCPPacket(parsing: rest.clamped(offset: 0, size: header.packetSize)))
            } while !reader.isAtEnd
        } catch {
            failure = error
        }
    }

    /// Reads one datagram.
    public init(parsing bytes: [UInt8]) {
        self.init(parsing: bytes.rawSpan)
    }

    /// The datagram's bytes.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 256)
        for packet in packets { packet.write(to: &writer) }
        return writer.bytes
    }
}

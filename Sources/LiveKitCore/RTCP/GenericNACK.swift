/// A receiver's request for the RTP packets that it misses.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |V=2|P|  FMT=1  |    PT=205     |     length (words - 1)        |
/// |                   SSRC of the packet's sender                 |
/// |                   SSRC of the media source                    |
/// |              PID              |              BLP              |  1...n
/// ```
///
/// - SeeAlso: [RFC 4585 §6.2.1](https://www.rfc-editor.org/rfc/rfc4585#section-6.2.1).
public struct GenericNACK: Hashable, Sendable {
    /// One missing packet, and which of the sixteen after it are missing too.
    public struct Pair: Hashable, Sendable {
        /// The missing packet (PID).
        public var first: SequenceNumber
        /// Bit i stands for the packet i + 1 after the first (BLP).
        public var following: UInt16

        /// Creates a pair.
        public init(first: SequenceNumber, following: UInt16 = 0) {
            self.first = first
            self.following = following
        }
    }

    static let format: UInt8 = 1

    /// Who asks.
    public var sender: SSRC
    /// Whose packets are missing.
    public var media: SSRC
    /// The missing packets as they stand in the packet: work for a hostile one stays in proportion to its size.
    public var pairs: [Pair]

    /// Creates a request for `missing`, which is ordered oldest first.
    public init(sender: SSRC, media: SSRC, missing: some Sequence<SequenceNumber>) {
        self.sender = sender
        self.media = media
        pairs = []
        for number in missing {
            let distance = pairs.last?.first.distance(to: number) ?? 0
            if (1...16).contains(distance) {
                pairs[pairs.count - 1].following |= 1 << UInt16(distance - 1)
            } else if distance != 0 || pairs.isEmpty {
                pairs.append(Pair(first: number))
            }
        }
    }

    /// The missing packets, in the order of the pairs.
    public var missing: [SequenceNumber] {
        var numbers: [SequenceNumber] = []
        forEachMissing { numbers.append($0) }
        return numbers
    }

    /// Calls `body` with each missing packet, in the order of the pairs. Allocates nothing.
    public func forEachMissing(_ body: (SequenceNumber) -> Void) {
        for pair in pairs {
            body(pair.first)
            for bit in 0..<16 where pair.following & (1 << UInt16(bit)) != 0 {
                body(pair.first.advanced(by: bit + 1))
            }
        }
    }

    /// Reads one RTCP packet, its header included.
    public init(parsing bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        let header = try RTCPHeader(parsing: &reader, type: RTCPPacketType.transportFeedback, count: Self.format)
        var body = try reader.split(header.bodySize)
        sender = SSRC(rawValue: try body.read())
        media = SSRC(rawValue: try body.read())
        pairs = []
        pairs.reserveCapacity(body.remaining / 4)
        while body.remaining >= 4 {
            pairs.append(Pair(first: SequenceNumber(rawValue: try body.read()), following: try body.read()))
        }
    }

    package func write(to writer: inout ByteWriter) {
        writer.writeRTCP(type: RTCPPacketType.transportFeedback, count: Int(Self.format)) { writer in
            writer.write(sender.rawValue)
            writer.write(media.rawValue)
            for pair in pairs {
                writer.write(pair.first.rawValue)
                writer.write(pair.following)
            }
        }
    }
}

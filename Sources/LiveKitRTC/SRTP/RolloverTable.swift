/// Each sent stream's extended sequence number: sixteen bits from the header, and the rollover counter
/// that never travels (RFC 3711 §3.3.1).
///
/// A counter lost is a catastrophe: the stream would start again at zero and repeat vectors under the same
/// key. So a stream that ends is only *retired*; it goes on where it was should it come back, and gives
/// up its place only when the table is full.
struct RolloverTable {
    private struct Stream {
        var ssrc: UInt32
        /// The highest index sent.
        var index: UInt64
        /// When it was retired, in retirements counted; zero while it lives.
        var retirement: UInt64 = 0
    }

    private static let half: UInt64 = 1 << 15

    private var streams: [Stream] = []
    /// Where the last lookup ended; a burst belongs to one stream.
    private var latest = 0
    private var retirements: UInt64 = 0
    private let capacity: Int

    init(capacity: Int = SRTPLimits.sentStreams) {
        self.capacity = capacity
    }

    /// The packet's 48-bit index, by which the stream moves on unless the packet is a late one.
    @inline(__always)
    mutating func index(of sequenceNumber: UInt16, ssrc: UInt32) throws(SRTPError) -> UInt64 {
        if latest >= streams.count || streams[latest].ssrc != ssrc { latest = try place(of: ssrc) }
        let highest = streams[latest].index
        let index = Self.estimate(sequenceNumber, highest: highest)
        if index > highest { streams[latest].index = index }
        if streams[latest].retirement != 0 { streams[latest].retirement = 0 }
        return index
    }

    /// Lets the stream's place go to another when the table is full.
    mutating func retire(ssrc: UInt32) {
        guard let place = streams.firstIndex(where: { $0.ssrc == ssrc }) else { return }
        retirements += 1
        streams[place].retirement = retirements
    }

    /// The index nearest to the highest one, with one exception that every libsrtp peer shares: while the
    /// highest is in the first half of the first cycle, nothing lies before that cycle.
    static func estimate(_ sequenceNumber: UInt16, highest: UInt64) -> UInt64 {
        let sequence = UInt64(sequenceNumber)
        guard highest > half else { return sequence }
        let local = highest & 0xFFFF
        let cycle = highest & ~0xFFFF
        if local < half {
            return sequence > local + half ? (cycle &- 0x1_0000) | sequence : cycle | sequence
        }
        return local - half > sequence ? (cycle &+ 0x1_0000) | sequence : cycle | sequence
    }

    private mutating func place(of ssrc: UInt32) throws(SRTPError) -> Int {
        if let known = streams.firstIndex(where: { $0.ssrc == ssrc }) { return known }
        if streams.count < capacity {
            streams.append(Stream(ssrc: ssrc, index: 0))
            return streams.count - 1
        }
        let oldest = streams.indices.filter { streams[$0].retirement != 0 }
            .min { streams[$0].retirement < streams[$1].retirement }
        guard let oldest else { throw .tooManyStreams }
        streams[oldest] = Stream(ssrc: ssrc, index: 0)
        return oldest
    }
}

/// Streams that a peer began without an announcement, ``SRTPLimits/undeclaredStreams`` at most: the one that was not
/// heard for longest makes room, so that a peer which goes through many SSRCs costs no memory and is not cut off.
///
/// A stream that made room has no replay window any more. Streams that are bound to a section are declared, and so
/// are not among these.
struct UndeclaredStreams {
    private struct Stream {
        var ssrc: UInt32
        /// In packets counted.
        var heardAt: UInt64
    }

    private var streams: [Stream] = []
    private var packets: UInt64 = 0

    init() {
        streams.reserveCapacity(SRTPLimits.undeclaredStreams)
    }

    var count: Int { streams.count }

    /// Notes an authentic packet.
    ///
    /// - Returns: The stream that made room for it, if one had to.
    mutating func note(_ ssrc: UInt32) -> UInt32? {
        packets &+= 1
        var oldest = 0
        for index in streams.indices {
            if streams[index].ssrc == ssrc {
                streams[index].heardAt = packets
                return nil
            }
            if streams[index].heardAt < streams[oldest].heardAt { oldest = index }
        }
        let stream = Stream(ssrc: ssrc, heardAt: packets)
        guard streams.count >= SRTPLimits.undeclaredStreams else {
            streams.append(stream)
            return nil
        }
        let evicted = streams[oldest].ssrc
        streams[oldest] = stream
        return evicted
    }

    mutating func remove(_ ssrc: UInt32) {
        streams.removeAll { $0.ssrc == ssrc }
    }
}

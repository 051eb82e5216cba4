package import LiveKitCore

/// What got through the path lately: the bytes that arrived in half a second, by the receiver's clock.
///
/// On slow paths the window reaches back for at least sixteen packets, two seconds at most, since a half second of
/// five packets would be coarse to a fifth.
package struct AcknowledgedBitrate: Sendable {
    private struct Mark: Sendable {
        var arrivedAt = MediaInstant.start
        /// Bytes that had arrived when this one was counted in.
        var total: Int64 = 0
    }

    private static let window: MediaDuration = .milliseconds(500)
    private static let longestWindow: MediaDuration = .seconds(2)
    private static let wantedPackets = 16
    /// Fewer packets make no rate.
    private static let neededPackets = 6
    /// Arrivals within this share an entry.
    private static let resolution: MediaDuration = .milliseconds(1)
    /// A pause this long, or a clock set back this far, is no part of any rate.
    private static let longestGap: MediaDuration = .seconds(1)

    /// Made with the first arrival: most listeners of sound never have one.
    private var marks: [Mark] = []
    private var packets: [Int64] = []
    private var count = 0
    private var total: Int64 = 0
    private var packetTotal: Int64 = 0

    package init() {}

    package mutating func receive(byteCount: Int, arrivedAt: MediaInstant) {
        if marks.isEmpty {
            marks = Array(repeating: Mark(), count: CongestionLimits.acknowledgedTimes)
            packets = Array(repeating: 0, count: CongestionLimits.acknowledgedTimes)
        }
        if count > 0 {
            let gap = arrivedAt - marks[index(0)].arrivedAt
            if gap > Self.longestGap || gap < .zero - Self.longestGap { reset() }
        }
        total &+= Int64(byteCount)
        packetTotal &+= 1
        if count > 0 {
            // Late packets count where the newest stands.
            if arrivedAt - marks[index(0)].arrivedAt < Self.resolution {
                marks[index(0)].total = total
                packets[index(0)] = packetTotal
                return
            }
        }
        count += 1
        marks[index(0)] = Mark(arrivedAt: arrivedAt, total: total)
        packets[index(0)] = packetTotal
    }

    /// The rate up to the newest arrival; `nil` before enough has come.
    package var current: Bitrate? {
        let available = min(count, marks.count)
        guard available > 1 else { return nil }
        let newest = marks[index(0)]
        let newestPacket = packets[index(0)]
        var back = 1
        var chosen = 0
        while back < available {
            let age = newest.arrivedAt - marks[index(back)].arrivedAt
            let isEnough = newestPacket - packets[index(back)] >= Int64(Self.wantedPackets)
            if age > Self.longestWindow || (age > Self.window && isEnough && chosen > 0) { break }
            chosen = back
            if age >= Self.window, isEnough { break }
            back += 1
        }
        guard chosen > 0, newestPacket - packets[index(chosen)] >= Int64(Self.neededPackets) else { return nil }
        let oldest = marks[index(chosen)]
        return Bitrate(byteCount: Int(newest.total - oldest.total), over: newest.arrivedAt - oldest.arrivedAt)
    }

    package mutating func reset() {
        (count, total, packetTotal) = (0, 0, 0)
    }

    /// The place of the mark that many before the newest.
    private func index(_ back: Int) -> Int { (count - 1 - back) & (marks.count - 1) }
}

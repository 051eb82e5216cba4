/// Shares a connection's rate out among tracks, and takes off what packets cost.
package enum BitrateSharing {
    /// What a track can do with a rate.
    package struct Demand: Hashable, Sendable {
        /// What it gets in any case.
        package var minimum: Bitrate
        package var maximum: Bitrate

        package init(minimum: Bitrate, maximum: Bitrate) {
            self.minimum = minimum
            self.maximum = max(minimum, maximum)
        }
    }

    /// RTP with its extensions, SRTP's tag, UDP and IP.
    package static let packetOverhead = 72
    /// The payload of a full packet.
    private static let payloadSize = 1100.0

    /// Gives each its minimum, then all as much as another, up to their maxima (max-min fairness).
    package static func share(_ total: Bitrate, among demands: [Demand]) -> [Bitrate] {
        var shares = demands.map(\.minimum)
        var left = total - shares.reduce(.zero, +)
        var open = demands.indices.filter { shares[$0] < demands[$0].maximum }
        while left > .zero, !open.isEmpty {
            let part = Bitrate(bitsPerSecond: left.bitsPerSecond / Int64(open.count))
            guard part > .zero else { break }
            for index in open {
                let taken = min(part, demands[index].maximum - shares[index])
                shares[index] = shares[index] + taken
                left = left - taken
            }
            open.removeAll { shares[$0] >= demands[$0].maximum }
        }
        return shares
    }

    /// What an encoder may make so that its packets together take `total`: on average the last packet of a frame is half
    /// full, and each frame takes one at least. Of very little an encoder makes fewer frames, so half is payload in any
    /// case.
    package static func payload(of total: Bitrate, framesPerSecond: Int) -> Bitrate {
        let frames = Double(framesPerSecond)
        let overhead = Double(packetOverhead) * 8
        let full = (total - Bitrate(frames * overhead / 2)) * (payloadSize / (payloadSize + Double(packetOverhead)))
        let packets = frames / 2 + Double(full.bitsPerSecond) / (payloadSize * 8)
        return packets >= frames ? full : max(total - Bitrate(frames * overhead), total * 0.5)
    }

    /// What a payload of that rate takes, packets and all: the way back from ``payload(of:framesPerSecond:)``.
    package static func total(of payload: Bitrate, framesPerSecond: Int) -> Bitrate {
        let frames = Double(framesPerSecond)
        let packets = max(frames, frames / 2 + Double(payload.bitsPerSecond) / (payloadSize * 8))
        return payload + Bitrate(packets * Double(packetOverhead) * 8)
    }
}

internal import LiveKitCore
internal import LiveKitRTC
internal import LiveKitRTCTransport

// How the connection's rate is shared out among the tracks.
extension PeerTransport {
    /// What the connection is believed to carry, in bits each second; `nil` for one that controls nothing.
    var availableBitrate: Double? {
        connection.allowance(now: core.now).map { Double($0.estimate.target.bitsPerSecond) }
    }

    /// Shares out what may be sent, now that tracks came or went.
    func distribute() {
        if let allowance = connection.allowance(now: core.now) { distribute(allowance) }
    }

    /// Shares out what may be sent: sound has what it needs, pictures the rest, in equal parts as far as they can use
    /// it.
    func distribute(_ allowance: SendAllowance) {
        let tracks = Array(senders.values)
        let demands = tracks.map(\.demand)
        for (track, rate) in zip(tracks, BitrateSharing.share(allowance.media, among: demands)) {
            track.setRate(rate, isBacklogged: allowance.isBacklogged)
        }
        connection.setDemand(demands.reduce(.zero) { $0 + $1.maximum }, now: core.now)
    }
}

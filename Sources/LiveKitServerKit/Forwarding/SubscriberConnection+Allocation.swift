internal import LiveKitCore
internal import LiveKitRTC
internal import LiveKitRTCTransport

// What the path to a subscriber carries, and which layers that is enough for.

extension SubscriberConnection {
    /// Congestion control found that more may be sent, or less.
    func allowanceChanged(_ allowance: SendAllowance) {
        // Its start is its maximum: it is no estimate before it fell for the first time.
        let isKnown = allowance.estimate.target < CongestionControlConfiguration.forwardingMaximum
        let known = isKnown ? allowance.media : nil
        allocator.setEstimate([known, receiverCapacity.current].compactMap(\.self).min())
        allocate(now: now)
    }

    /// The receiver told its own estimate, which is listened to where it tells nothing better.
    func receiverEstimated(_ estimate: Bitrate) {
        guard !connection.isNumbering, connection.allowance(now: now) != nil else { return }
        receiverCapacity.note(estimate, usage: allocator.usage, now: now)
        allocator.setEstimate(receiverCapacity.current)
        allocate(now: now)
    }

    /// In the room's beat: what layers take has been measured anew, and waits may have ended.
    func allocateInTurn(now: MediaInstant) {
        if let limit = receiverCapacity.current {
            receiverCapacity.handleTimeout(now: now)
            if receiverCapacity.current != limit { allocator.setEstimate(receiverCapacity.current) }
        }
        allocate(now: now)
    }

    /// Lets every track have what the path carries of it.
    func allocate(now: MediaInstant) {
        let demands = videoTracks.compactMap { $0.demand(now: now) }
        var reports: [StreamStateReport] = []
        for change in allocator.allocate(demands, now: now) {
            guard let track = videoTracks.first(where: { $0.track.sid == change.track }), track.allocate(change.target)
            else { continue }
            reports.append(
                StreamStateReport(
                    publisher: track.track.publisher.sid, track: change.track, isPaused: track.isPaused))
        }
        if !reports.isEmpty { room.emit(.streamStates(sid, reports)) }
        // Probes look for what the next layer needs, and for no more.
        connection.setDemand(allocator.probeGoal ?? allocator.usage, now: now)
        if allocator.probeGoal != nil { session.update() }
    }
}

extension CongestionControlConfiguration {
    /// As LiveKit has it: a path is believed to carry 100 Mbit/s until it shows that it does not.
    static let forwardingMaximum = Bitrate.kilobits(100_000)
    /// Packets of one subscriber whose feedback is awaited, a power of two: a second at 20 Mbit/s. Each takes 24 bytes
    /// for as long as the subscriber stays.
    private static let forwardingHistory = 2048

    /// For what is forwarded: it leaves at once, since it was paced by its publisher (LiveKit's "no_queue").
    static var forwarding: CongestionControlConfiguration {
        var configuration = CongestionControlConfiguration()
        configuration.pacer = nil
        configuration.estimator.start = forwardingMaximum
        configuration.estimator.maximum = forwardingMaximum
        configuration.estimator.history = forwardingHistory
        configuration.estimator.believesFirstSilence = false
        return configuration
    }
}

internal import LiveKitCore
internal import LiveKitProtobuf

/// When a client's media is to go another way, because the one before fails again and again: from anything to TCP, and
/// from there to TURN over TLS. The rules and figures are LiveKit's.
struct TransportFallback: Sendable {
    /// What the operator allows (`rtc.allow_tcp_fallback`, `rtc.tcp_fallback_rtt_threshold`).
    struct Rules: Sendable {
        var isAllowed = true
        /// The round trip of signalling from which on TCP is of no use; `nil` for none.
        var slowest: MediaDuration?
        /// Whether there is a TURN server over TLS.
        var hasTLS = false

        init() {}

        init(_ configuration: LiveKitServerConfiguration) {
            isAllowed = configuration.rtc.allowsTCPFallback
            let threshold = configuration.rtc.tcpFallbackRoundTripThreshold
            if threshold > 0 { slowest = .milliseconds(Int64(threshold)) }
            hasTLS =
                configuration.turn.isEnabled && configuration.turn.tlsPort > 0
                || configuration.rtc.turnServers.contains { $0.transport == .tls }
        }
    }

    /// The round trip that the client measured over its signalling (`ping_req.rtt`).
    var roundTrip: MediaDuration?
    private var connectedAt: [PeerTarget: MediaInstant] = [:]
    private var failedAt: MediaInstant?
    /// When the client came back because a connection had failed, and began to make others.
    private(set) var restartedAt: MediaInstant?
    /// Whether a way was given up already that the client has not come back from.
    private var isDone = false

    /// A connection that ends before counts as one that does not hold.
    static let shortConnection = MediaDuration.seconds(90)
    /// Of connections that held for longer two must fail within such a time.
    static let failureWindow = MediaDuration.seconds(60)
    /// Without a sign by signalling for so long it is the network that is gone, and not the way.
    static let signalSilence = MediaDuration.seconds(15)

    mutating func connected(_ target: PeerTarget, now: MediaInstant) {
        connectedAt[target] = connectedAt[target] ?? now
    }

    var hasConnected: Bool { !connectedAt.isEmpty }

    /// How long ICE over TCP may take to connect; `nil` where signalling is too slow to tell.
    var patienceWithTCP: MediaDuration? {
        let roundTrip = roundTrip ?? .zero
        guard roundTrip < .seconds(1) else { return nil }
        return min(max(roundTrip * 8, .seconds(5)), .seconds(12))
    }

    /// A connection failed while signalling went on. Returns whether its way is given up.
    mutating func failed(_ target: PeerTarget, now: MediaInstant) -> Bool {
        guard !isDone else { return false }
        let isShort = connectedAt[target].map { now - $0 < Self.shortConnection } ?? false
        let isSecond = failedAt.map { now - $0 <= Self.failureWindow } ?? false
        failedAt = now
        isDone = isShort || isSecond
        return isDone
    }

    /// The client comes back because a connection failed. Returns whether its way is given up.
    mutating func reconnects(_ failed: PeerTarget?, now: MediaInstant) -> Bool {
        let isShort = failed.flatMap { connectedAt[$0] }.map { now - $0 < Self.shortConnection } ?? false
        let isGivenUp = isShort && !isDone
        isDone = false
        failedAt = nil
        if failed != nil {
            connectedAt = [:]
            restartedAt = now
        }
        return isGivenUp
    }

    /// Signalling was gone as well: what failed then says nothing.
    mutating func networkLost() { failedAt = nil }
}

extension RoomState {
    /// A connection has failed: perhaps the client's next one goes another way.
    mutating func noteFailure(_ sid: ParticipantSID, _ target: PeerTarget, now: MediaInstant) {
        guard rules.fallback.isAllowed, let participant = participants[sid] else { return }
        let isHeard =
            participant.signalLostAt == nil && now - participant.lastHeardAt < TransportFallback.signalSilence
        guard isHeard else {
            participants[sid]?.fallback.networkLost()
            return
        }
        if participants[sid]?.fallback.failed(target, now: now) == true { fallBack(sid, now: now) }
    }

    /// The client comes back, and says why.
    mutating func noteReconnect(_ sid: ParticipantSID, _ reason: Livekit_ReconnectReason, now: MediaInstant) {
        guard rules.fallback.isAllowed, let participant = participants[sid] else { return }
        let failed: PeerTarget? =
            switch reason {
            case .rrPublisherFailed: .publisher
            case .rrSubscriberFailed: participant.usesSinglePeerConnection ? .publisher : .subscriber
            default: nil
            }
        guard participants[sid]?.fallback.reconnects(failed, now: now) == true,
            now - participant.lastHeardAt < TransportFallback.signalSilence
        else { return }
        fallBack(sid, now: now)
    }

    /// Who was to begin by TCP and cannot is asked to come back by the next way.
    mutating func giveUpTCP(now: MediaInstant) {
        guard rules.fallback.isAllowed, rules.fallback.hasTLS else { return }
        for sid in order {
            guard let participant = participants[sid], !participant.fallback.hasConnected, !participant.isForwarded,
                participant.mediaLostAt == nil,
                candidatePreferences.preference(of: participant.identity, now: now) == .tcp,
                let patience = participant.fallback.patienceWithTCP
            else { continue }
            guard now - (participant.fallback.restartedAt ?? participant.joinedAt) >= patience else { continue }
            fallBack(sid, now: now)
            mediaLost(sid, now: now)
        }
    }

    private mutating func fallBack(_ sid: ParticipantSID, now: MediaInstant) {
        guard let participant = participants[sid] else { return }
        let before = candidatePreferences.preference(of: participant.identity, now: now)
        guard let next = nextPreference(after: before, for: participant) else { return }
        candidatePreferences.set(next, of: participant.identity, now: now)
        emit(.media(.allowUDP(sid, next != .tcp)))
        emit(.notice(.fellBack(sid, identity: participant.identity, to: next)))
    }

    private func nextPreference(
        after before: CandidatePreference, for participant: RoomParticipant
    ) -> CandidatePreference? {
        let isQuick = rules.fallback.slowest.map { participant.fallback.roundTrip ?? .zero < $0 } ?? true
        if before == .any, participant.client.dialsICETCP, isQuick { return .tcp }
        return before != .tls && rules.fallback.hasTLS ? .tls : nil
    }
}

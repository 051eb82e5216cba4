internal import LiveKitCore
internal import LiveKitRTC
internal import LiveKitRTCTransport

extension PeerEnvironment {
    /// A new connection on the shared sockets.
    func makeSession(
        core: MediaLoopCore, isOfferer: Bool, capabilities: MediaCapabilities, options: ParticipantMediaOptions,
        sendsMedia: Bool
    ) -> PeerSession {
        var configuration = PeerConnectionConfiguration(
            isOfferer: isOfferer, certificate: certificate, capabilities: capabilities,
            hostAddresses: [], entropy: SecureRandom.bytes, wallClockOffset: core.wallClockOffset)
        configuration.candidates = options.offersHiddenAddresses ? candidates : outerCandidates
        configuration.ice.isLite = isICELite && options.allowsICELite
        configuration.forwardErrorCorrection = forwardErrorCorrection
        if sendsMedia, allocation != nil { configuration.congestionControl = .forwarding }
        configuration.reusesTransceivers = options.reusesTransceivers
        configuration.acceptsZeroChecksum = options.acceptsZeroChecksum
        let session = PeerSession(
            configuration, core: core, socket: sockets.ipv4, ipv6Socket: sockets.ipv6, sharesSocket: true)
        session.connection.allowsUDP = allowsUDP(options)
        return session
    }

    /// Without ICE over TCP there is no other way.
    func allowsUDP(_ options: ParticipantMediaOptions) -> Bool {
        (options.allowsUDP && !forcesTCP) || !candidates.contains { $0.transport == .tcp }
    }
}

extension PeerEnvironment {
    /// What is offered where only we send. Without congestion control nobody needs to tell when packets arrive.
    var subscriberCapabilities: MediaCapabilities {
        let capabilities = MediaCapabilities.liveKitServerSubscriber
        return allocation == nil ? capabilities : capabilities.addingTransportFeedback()
    }

    /// How tracks are allocated for a participant, whose word on pauses comes before the configuration's.
    func allocation(for options: ParticipantMediaOptions) -> StreamAllocator.Configuration {
        (allocation ?? StreamAllocator.Configuration()).heeding(options.allowsPause)
    }
}

extension StreamAllocator.Configuration {
    /// The same for a client that says whether tracks may pause; `nil` says nothing.
    func heeding(_ allowsPause: Bool?) -> Self {
        var own = self
        own.allowsPause = allowsPause ?? self.allowsPause
        return own
    }
}

extension PeerConnectionState {
    /// `nil` for states that the control half does not hear of.
    init?(_ state: PeerConnection.State) {
        switch state {
        case .new, .closed: return nil
        case .connecting: self = .connecting
        case .connected: self = .connected
        case .disconnected: self = .disconnected
        case .failed: self = .failed
        }
    }
}

extension DataChannelKind {
    /// Its name in metrics: what clients call theirs is not theirs to put there.
    var metricName: String {
        switch self {
        case .reliable: "reliable"
        case .lossy: "lossy"
        case .dataTrack: "data_track"
        case .other: "unlabeled"
        }
    }

    var label: String {
        switch self {
        case .reliable: "_reliable"
        case .lossy: "_lossy"
        case .dataTrack: "_data_track"
        case .other(let label): label
        }
    }

    init(label: String) {
        switch label {
        case "_reliable": self = .reliable
        case "_lossy": self = .lossy
        case "_data_track": self = .dataTrack
        default: self = .other(label: label)
        }
    }
}

internal import LiveKitProtobuf

/// Schema enumerations that a token writes as lower-case words, as LiveKit's own libraries do.
protocol EnumWord: CaseIterable {
    /// The word, or `nil` for a value that this version of the schema does not know.
    var word: String? { get }
}

extension EnumWord {
    /// The value for a word, in lower or upper case.
    init?(word: String) {
        let lowercased = word.lowercased()
        guard let match = Self.allCases.first(where: { $0.word == lowercased }) else { return nil }
        self = match
    }
}

extension Livekit_ParticipantInfo.Kind: EnumWord {
    var word: String? {
        switch self {
        case .standard: "standard"
        case .ingress: "ingress"
        case .egress: "egress"
        case .sip: "sip"
        case .agent: "agent"
        case .connector: "connector"
        case .bridge: "bridge"
        case .UNRECOGNIZED: nil
        }
    }
}

extension Livekit_ParticipantInfo.KindDetail: EnumWord {
    var word: String? {
        switch self {
        case .cloudAgent: "cloud_agent"
        case .forwarded: "forwarded"
        case .connectorWhatsapp: "connector_whatsapp"
        case .connectorTwilio: "connector_twilio"
        case .bridgeRtsp: "bridge_rtsp"
        case .simulation: "simulation"
        case .UNRECOGNIZED: nil
        }
    }
}

extension Livekit_TrackSource: EnumWord {
    var word: String? {
        switch self {
        case .unknown: "unknown"
        case .camera: "camera"
        case .microphone: "microphone"
        case .screenShare: "screen_share"
        case .screenShareAudio: "screen_share_audio"
        case .UNRECOGNIZED: nil
        }
    }
}

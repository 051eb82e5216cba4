internal import LiveKitCore
internal import LiveKitProtobuf

/// The ways that a client's media may go (`ICECandidateType`).
enum CandidatePreference: String, Sendable, Equatable {
    /// All of them.
    case any
    /// ICE over TCP alone.
    case tcp
    /// Through a TURN server over TLS alone.
    case tls

    init(_ candidates: Livekit_CandidateProtocol) {
        switch candidates {
        case .tcp: self = .tcp
        case .tls: self = .tls
        case .udp, .UNRECOGNIZED: self = .any
        }
    }
}

/// What identities prefer, also those that are on their way back in a session of their own: a client that is to go by
/// another way often connects afresh.
struct CandidatePreferences: Sendable {
    private var byIdentity: [String: (preference: CandidatePreference, at: MediaInstant)] = [:]

    func preference(of identity: String, now: MediaInstant) -> CandidatePreference {
        guard let known = byIdentity[identity], now - known.at < RoomBounds.candidatePreferenceLifetime else {
            return .any
        }
        return known.preference
    }

    mutating func set(_ preference: CandidatePreference, of identity: String, now: MediaInstant) {
        byIdentity[identity] = nil
        byIdentity = byIdentity.filter { now - $0.value.at < RoomBounds.candidatePreferenceLifetime }
        guard preference != .any, byIdentity.count < RoomBounds.candidatePreferences else { return }
        byIdentity[identity] = (preference, now)
    }
}

extension RoomState {
    /// The client shall go by these ways from now on: what is offered next, and its next session.
    mutating func prefer(_ preference: CandidatePreference, for sid: ParticipantSID, now: MediaInstant) {
        guard let participant = participants[sid] else { return }
        candidatePreferences.set(preference, of: participant.identity, now: now)
        emit(.media(.allowUDP(sid, preference != .tcp)))
        emit(.media(.restartICE(sid)))
    }

    /// What the client itself must know of the ways and of codecs.
    func clientConfiguration(of participant: RoomParticipant, now: MediaInstant) -> Livekit_ClientConfiguration {
        var configuration = Livekit_ClientConfiguration()
        let disabled = participant.client.disabledCodecs
        if disabled != Livekit_DisabledCodecs() { configuration.disabledCodecs = disabled }
        if candidatePreferences.preference(of: participant.identity, now: now) == .tls {
            configuration.forceRelay = .enabled
        }
        return configuration
    }
}

internal import LiveKitCore
internal import LiveKitProtobuf

/// Everything a room needs to know of somebody who wants in: what the token says and what the client asks.
struct JoinIntent: Sendable {
    var identity: String
    var name = ""
    var metadata = ""
    var attributes: [String: String] = [:]
    var kind = Livekit_ParticipantInfo.Kind.standard
    var kindDetails: [Livekit_ParticipantInfo.KindDetail] = []
    var permission = Livekit_ParticipantPermission()
    var client = Livekit_ClientInfo()
    var subscribesAutomatically = true
    var subscribesToDataTracks = false
    /// The client wants the server to be a full ICE agent.
    var refusesICELite = false
    /// Whether tracks may be paused for want of bandwidth; if the client says nothing, that is the server's to say.
    var allowsPause: Bool?
    /// The client tells of each video how large it is shown; until it does, a small picture will do.
    var adaptsStreams = false
    /// One peer connection carries both directions, and only the client offers (`/rtc/v1`).
    var usesSinglePeerConnection = false
    /// Tracks announced along with the join.
    var addTrackRequests: [Livekit_AddTrackRequest] = []
    /// The offer that comes along with the join.
    var publisherOffer: Livekit_SessionDescription?

    init(identity: String) {
        self.identity = identity
    }
}

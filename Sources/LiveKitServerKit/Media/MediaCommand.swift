/// What the control half of a room tells its forwarding half. Sent in batches; carried out in order on the
/// room's media loop. A command that names an unknown participant or track is ignored.
package enum MediaCommand: Sendable {
    /// Makes the participant's peer connections: one that the client offers and publishes by, one that we offer and
    /// it subscribes by, or a single one that the client offers for both. The subscriber one is offered at once (data
    /// channels first) when `options.offersSubscriberAtOnce` is set, else with the first subscription.
    case addParticipant(ParticipantSID, ParticipantMediaOptions)
    /// Closes both peer connections and ends everything published or subscribed through them.
    case removeParticipant(ParticipantSID)

    /// The client's offer for its publisher connection. Answered by ``MediaEvent/answer(_:sdp:id:midToTrackID:)``
    /// or ``MediaEvent/negotiationFailed(_:_:reason:)``.
    case remoteOffer(ParticipantSID, sdp: String, id: UInt32, midToTrackCID: [String: String])
    /// The client's answer for its subscriber connection.
    case remoteAnswer(ParticipantSID, sdp: String, id: UInt32)
    /// A trickled candidate: the `candidate:…` attribute's text, as in RTCIceCandidateInit.candidate.
    case remoteCandidate(ParticipantSID, PeerTarget, candidate: String)
    /// Restarts ICE of the subscriber connection (a new offer follows), as after a resume. An offer under way is
    /// given up: its answer may be lost.
    case restartICE(ParticipantSID)

    /// Whether the participant's media may go over UDP; if not, only ICE over TCP is described and tried from the next
    /// description on, where the server has it.
    case allowUDP(ParticipantSID, Bool)

    /// Announces a track that `add_track` promised; media whose msid track id (or mid, by
    /// `midToTrackCID`) equals `cid` becomes it.
    case expectTrack(ParticipantSID, ExpectedTrack)
    /// Forgets a track, published or only expected; its subscribers' streams end.
    case removeTrack(TrackSID)
    /// The publisher muted or unmuted.
    case setMuted(TrackSID, Bool)

    /// Starts forwarding a track to a participant; a new offer follows.
    case subscribe(ParticipantSID, TrackSID)
    /// Ends it; a new offer follows.
    case unsubscribe(ParticipantSID, TrackSID)
    /// A subscriber's wish about a track it is subscribed to.
    case setTrackSettings(ParticipantSID, TrackSID, TrackSettings)
    /// Puts a capacity in the place of what is estimated of the path to a subscriber; `nil` ends that.
    case setChannelCapacity(ParticipantSID, bitsPerSecond: Int64?)

    /// Names a data track that a participant publishes under a handle of its `_data_track` channel.
    case openDataTrack(ParticipantSID, handle: UInt16, TrackSID)
    /// Ends it, for everybody.
    case closeDataTrack(TrackSID)
    /// Sends a data track to a participant, under a handle of that one's, with so many frames in each second at most;
    /// again, to change either.
    case subscribeData(ParticipantSID, TrackSID, handle: UInt16, framesPerSecond: UInt32?)
    /// Ends that.
    case unsubscribeData(ParticipantSID, TrackSID)

    /// Sends one encoded DataPacket to each of the participants.
    case sendData(to: [ParticipantSID], DataChannelKind, [UInt8])
}

/// What the forwarding half needs to know of a participant.
package struct ParticipantMediaOptions: Hashable, Sendable {
    /// Whether the first subscriber offer goes out without waiting for a subscription.
    package var offersSubscriberAtOnce: Bool
    /// Whether msid streams are written `PA_…|TR_…` (client protocol > 0).
    package var usesPackedStreamID: Bool
    /// Whether one connection, offered by the client, carries both directions (`/rtc/v1`).
    package var usesSinglePeerConnection: Bool
    /// Whether a section whose track ended may carry another.
    package var reusesTransceivers: Bool
    /// Whether the client copes with an ICE lite agent, where the server is one.
    package var allowsICELite: Bool
    /// Whether the client is told of addresses behind external ones, where both are announced.
    package var offersHiddenAddresses = true
    /// Whether media may go over UDP; if not, ICE over TCP is all, where the server has it.
    package var allowsUDP = true
    /// The codecs that the client may publish and be sent, as `vp8`; `nil` for all that the server knows.
    package var publishCodecs: Set<String>?
    package var subscribeCodecs: Set<String>?
    /// Whether there are data tracks.
    package var takesDataTracks = true
    /// Whether tracks of one stream (``ExpectedTrack/stream``) go by that stream's name instead of each by its own.
    package var syncsStreams = false
    /// Whether the client copes with SCTP packets without a checksum.
    package var acceptsZeroChecksum = false
    /// Whether the client knows what may stand behind a frame (`CAP_PACKET_TRAILER`).
    package var takesPacketTrailers = false
    /// What the frames end in that the server makes itself of encrypted tracks; the client's decryption lets them pass.
    package var serverFrameTrailer: [UInt8] = []
    /// Whether tracks to the client may pause for want of bandwidth; `nil` leaves that to the server's configuration.
    package var allowsPause: Bool?

    package init(
        offersSubscriberAtOnce: Bool, usesPackedStreamID: Bool = true, usesSinglePeerConnection: Bool = false,
        reusesTransceivers: Bool = true, allowsICELite: Bool = true, allowsPause: Bool? = nil
    ) {
        self.offersSubscriberAtOnce = offersSubscriberAtOnce
        self.usesPackedStreamID = usesPackedStreamID
        self.usesSinglePeerConnection = usesSinglePeerConnection
        self.reusesTransceivers = reusesTransceivers
        self.allowsICELite = allowsICELite
        self.allowsPause = allowsPause
    }
}

/// A track that a client announced by `add_track`.
package struct ExpectedTrack: Hashable, Sendable {
    package var sid: TrackSID
    /// The client's id for it, which comes back as the msid's track id.
    package var cid: String
    package var kind: MediaKind
    /// The identity whose stream it belongs to; audio and video of one participant share a msid stream.
    package var publisher: ParticipantSID
    package var isMuted: Bool
    /// Whether the client asked for stereo (Opus fmtp of the answer).
    package var isStereo: Bool
    /// Whether Opus DTX is to be off (`disable_dtx`).
    package var disablesDTX: Bool
    /// Whether the client refuses RED (`disable_red`).
    package var disablesRED: Bool
    /// Whether it shows a screen, which comes before faces.
    package var isScreenShare: Bool
    /// The name of the stream that it shares with others of its publisher.
    package var stream = ""
    /// Whether something may stand behind its frames (`packet_trailer_features`).
    package var hasPacketTrailers = false
    /// Whether its frames are encrypted end to end.
    package var isEncrypted = false

    package init(
        sid: TrackSID, cid: String, kind: MediaKind, publisher: ParticipantSID, isMuted: Bool = false,
        isStereo: Bool = false, disablesDTX: Bool = false, disablesRED: Bool = false, isScreenShare: Bool = false
    ) {
        self.sid = sid
        self.cid = cid
        self.kind = kind
        self.publisher = publisher
        self.isMuted = isMuted
        self.isStereo = isStereo
        self.disablesDTX = disablesDTX
        self.disablesRED = disablesRED
        self.isScreenShare = isScreenShare
    }
}

/// A subscriber's wish about one track (`UpdateTrackSettings`).
package struct TrackSettings: Hashable, Sendable {
    /// Forwarding pauses while `false`.
    package var isEnabled: Bool
    /// The highest simulcast layer wanted: 0 low, 1 medium, 2 high.
    package var maximumLayer: Int
    /// 1 to 255: what is scarce goes to the higher first; 0 for what is usual for the track's source.
    package var priority: UInt8
    /// So many pictures each second are enough; 0 for all that there are.
    package var framesPerSecond: UInt32

    package init(isEnabled: Bool = true, maximumLayer: Int = 2, priority: UInt8 = 0, framesPerSecond: UInt32 = 0) {
        self.isEnabled = isEnabled
        self.maximumLayer = maximumLayer
        self.priority = priority
        self.framesPerSecond = framesPerSecond
    }
}

/// What the forwarding half of a room reports to its control half.
package enum MediaEvent: Sendable {
    /// The answer to a publisher offer. `midToTrackID` names the track that we send by each mid, which happens where
    /// one connection does for both directions.
    case answer(ParticipantSID, sdp: String, id: UInt32, midToTrackID: [String: String])
    /// A new offer of the subscriber connection.
    case offer(ParticipantSID, sdp: String, id: UInt32, midToTrackID: [String: String])
    /// The client shall offer again its only connection, with so many more sections that receive.
    case sectionsRequired(ParticipantSID, audio: Int, video: Int)
    /// A candidate of ours, trickled: the `candidate:…` attribute's text and the section it belongs to.
    case localCandidate(ParticipantSID, PeerTarget, candidate: String, mid: String, index: Int)
    /// A description could not be applied; the text is for the log and the client.
    case negotiationFailed(ParticipantSID, PeerTarget, reason: String)
    /// An offer of ours was not answered in 15 s.
    case answerMissing(ParticipantSID)
    /// An answer came to another offer than the newest one, and was not taken.
    case answerOutdated(ParticipantSID, id: UInt32, expected: UInt32)
    /// A peer connection's state changed.
    case connectionState(ParticipantSID, PeerTarget, PeerConnectionState)
    /// The first packet of an expected track came: it is published.
    case trackStarted(ParticipantSID, TrackSID, TrackDetails)
    /// A published track's section stopped sending (the client unpublished it).
    case trackEnded(TrackSID)
    /// A subscriber's client takes no section with the track's codec: it is sent nothing of the track.
    case codecRefused(ParticipantSID, TrackSID)
    /// A message came in over a data channel; packets of data tracks go their way without the control half.
    case data(ParticipantSID, DataChannelKind, [UInt8])
    /// The participant can now be reached by ``MediaCommand/sendData(to:_:_:)`` on `_reliable`.
    case dataChannelOpened(ParticipantSID, DataChannelKind)
    /// The channel had ended by which a message was to be sent.
    case dataChannelFailed(ParticipantSID, DataChannelKind)
    /// Who is heard, each 400 ms while it changes: RFC 6464 levels smoothed, linear 0...1; 0 ends it.
    case audioLevels([AudioLevelReport])
    /// Tracks that a participant is sent were paused for want of bandwidth, or go on.
    case streamStates(ParticipantSID, [StreamStateReport])
    /// What was counted since the last one, each 400 ms while anything is.
    case tally(MediaTally)
    /// How streams fared, each 2 s while any has packets.
    case streams([StreamSample])
    /// A track that a participant is subscribed to is being sent from now on.
    case subscribed(ParticipantSID, TrackSID)
}

/// A peer connection's state, ICE and DTLS together.
package enum PeerConnectionState: Hashable, Sendable {
    case connecting
    case connected
    /// Nothing heard for 10 s; may come back.
    case disconnected
    /// Gone for good.
    case failed
}

/// What is known of a track once its media arrives.
package struct TrackDetails: Hashable, Sendable {
    /// `video/VP8`, `audio/opus`, `audio/red`.
    package var mimeType: String
    /// The section of the publisher connection it comes in by.
    package var mid: String
    /// The simulcast rids, lowest first; empty when there is one layer.
    package var rids: [String]
    /// The primary SSRCs in the order of ``rids`` as far as they are known.
    package var ssrcs: [UInt32]

    package init(mimeType: String, mid: String, rids: [String] = [], ssrcs: [UInt32] = []) {
        self.mimeType = mimeType
        self.mid = mid
        self.rids = rids
        self.ssrcs = ssrcs
    }
}

/// Whether a track is held back from one subscriber.
package struct StreamStateReport: Hashable, Sendable {
    package var publisher: ParticipantSID
    package var track: TrackSID
    package var isPaused: Bool

    package init(publisher: ParticipantSID, track: TrackSID, isPaused: Bool) {
        self.publisher = publisher
        self.track = track
        self.isPaused = isPaused
    }
}

/// One participant's loudness.
package struct AudioLevelReport: Hashable, Sendable {
    package var participant: ParticipantSID
    package var track: TrackSID
    /// Linear 0...1.
    package var level: Float

    package init(participant: ParticipantSID, track: TrackSID, level: Float) {
        self.participant = participant
        self.track = track
        self.level = level
    }
}

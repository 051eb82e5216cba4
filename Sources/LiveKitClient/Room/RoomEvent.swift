/// What happens in a ``Room``, for ``Room/events``.
public enum RoomEvent: Sendable {
    /// The connection state changed.
    case connectionStateChanged(ConnectionState, from: ConnectionState)
    /// The session ended; without an error if we wanted it.
    case disconnected(LiveKitError?)
    /// The room's metadata changed.
    case roomMetadataChanged(String?)
    /// Somebody joined.
    case participantConnected(RemoteParticipant)
    /// Somebody left.
    case participantDisconnected(RemoteParticipant)
    /// Others speak than before.
    case activeSpeakersChanged([Participant])
    /// Somebody's metadata changed.
    case participantMetadataChanged(Participant, String?)
    /// Somebody's name changed.
    case participantNameChanged(Participant, String)
    /// Somebody's attributes changed; a removed one is empty.
    case participantAttributesChanged(Participant, [String: String])
    /// Somebody's connection got better or worse.
    case connectionQualityChanged(Participant, ConnectionQuality)
    /// We publish a track.
    case localTrackPublished(LocalTrackPublication)
    /// We do not publish a track any more.
    case localTrackUnpublished(LocalTrackPublication)
    /// Somebody publishes a track.
    case trackPublished(RemoteTrackPublication, RemoteParticipant)
    /// Somebody does not publish a track any more.
    case trackUnpublished(RemoteTrackPublication, RemoteParticipant)
    /// A track is here.
    case trackSubscribed(RemoteTrackPublication, RemoteParticipant)
    /// A track is not here any more.
    case trackUnsubscribed(RemoteTrackPublication, RemoteParticipant)
    /// A data message came; from the server itself if there is no participant.
    case dataReceived([UInt8], topic: String, from: RemoteParticipant?)
    /// A track was muted or unmuted.
    case trackMuteChanged(TrackPublication, Participant, isMuted: Bool)
    /// The server paused a track or goes on with it.
    case streamStateChanged(RemoteTrackPublication, RemoteParticipant, StreamState)
}

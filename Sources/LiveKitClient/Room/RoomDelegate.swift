/// Is told what happens in a ``Room``.
///
/// Methods are called one after the other, in order, on a thread of the room's; they should return soon. All have a
/// default that does nothing.
public protocol RoomDelegate: AnyObject, Sendable {
    /// The connection state changed.
    func room(_ room: Room, didUpdateConnectionState state: ConnectionState, from oldState: ConnectionState)
    /// The room is connected.
    func roomDidConnect(_ room: Room)
    /// The room could not be connected.
    func room(_ room: Room, didFailToConnectWithError error: LiveKitError)
    /// The session ended; without an error if we wanted it.
    func room(_ room: Room, didDisconnectWithError error: LiveKitError?)
    /// The room's metadata changed.
    func room(_ room: Room, didUpdateMetadata metadata: String?)
    /// Somebody joined.
    func room(_ room: Room, participantDidConnect participant: RemoteParticipant)
    /// Somebody left.
    func room(_ room: Room, participantDidDisconnect participant: RemoteParticipant)
    /// Others speak than before.
    func room(_ room: Room, didUpdateSpeakingParticipants participants: [Participant])
    /// Somebody's metadata changed.
    func room(_ room: Room, participant: Participant, didUpdateMetadata metadata: String?)
    /// Somebody's name changed.
    func room(_ room: Room, participant: Participant, didUpdateName name: String)
    /// Somebody's attributes changed; a removed one is empty.
    func room(_ room: Room, participant: Participant, didUpdateAttributes attributes: [String: String])
    /// Somebody's connection got better or worse.
    func room(_ room: Room, participant: Participant, didUpdateConnectionQuality quality: ConnectionQuality)
    /// We publish a track.
    func room(_ room: Room, participant: LocalParticipant, didPublishTrack publication: LocalTrackPublication)
    /// We do not publish a track any more.
    func room(_ room: Room, participant: LocalParticipant, didUnpublishTrack publication: LocalTrackPublication)
    /// Somebody publishes a track.
    func room(_ room: Room, participant: RemoteParticipant, didPublishTrack publication: RemoteTrackPublication)
    /// Somebody does not publish a track any more.
    func room(_ room: Room, participant: RemoteParticipant, didUnpublishTrack publication: RemoteTrackPublication)
    /// A track is here.
    func room(_ room: Room, participant: RemoteParticipant, didSubscribeTrack publication: RemoteTrackPublication)
    /// A track is not here any more.
    func room(_ room: Room, participant: RemoteParticipant, didUnsubscribeTrack publication: RemoteTrackPublication)
    /// A data message came; from the server itself if there is no participant.
    func room(_ room: Room, participant: RemoteParticipant?, didReceiveData data: [UInt8], forTopic topic: String)
    /// A track was muted or unmuted.
    func room(
        _ room: Room, participant: Participant, trackPublication: TrackPublication, didUpdateIsMuted isMuted: Bool)
    /// The server paused a track or goes on with it.
    func room(
        _ room: Room, participant: RemoteParticipant, trackPublication: RemoteTrackPublication,
        didUpdateStreamState streamState: StreamState)
}

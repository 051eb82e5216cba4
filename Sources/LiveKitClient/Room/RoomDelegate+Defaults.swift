extension RoomDelegate {
    /// The connection state changed.
    public func room(_ room: Room, didUpdateConnectionState state: ConnectionState, from oldState: ConnectionState) {}
    /// The room is connected.
    public func roomDidConnect(_ room: Room) {}
    /// The room could not be connected.
    public func room(_ room: Room, didFailToConnectWithError error: LiveKitError) {}
    /// The session ended; without an error if we wanted it.
    public func room(_ room: Room, didDisconnectWithError error: LiveKitError?) {}
    /// The room's metadata changed.
    public func room(_ room: Room, didUpdateMetadata metadata: String?) {}
    /// Somebody joined.
    public func room(_ room: Room, participantDidConnect participant: RemoteParticipant) {}
    /// Somebody left.
    public func room(_ room: Room, participantDidDisconnect participant: RemoteParticipant) {}
    /// Others speak than before.
    public func room(_ room: Room, didUpdateSpeakingParticipants participants: [Participant]) {}
    /// Somebody's metadata changed.
    public func room(_ room: Room, participant: Participant, didUpdateMetadata metadata: String?) {}
    /// Somebody's name changed.
    public func room(_ room: Room, participant: Participant, didUpdateName name: String) {}
    /// Somebody's attributes changed; a removed one is empty.
    public func room(_ room: Room, participant: Participant, didUpdateAttributes attributes: [String: String]) {}
    /// Somebody's connection got better or worse.
    public func room(_ room: Room, participant: Participant, didUpdateConnectionQuality quality: ConnectionQuality) {}
    /// We publish a track.
    public func room(_ room: Room, participant: LocalParticipant, didPublishTrack publication: LocalTrackPublication) {}
    /// We do not publish a track any more.
    public func room(_ room: Room, participant: LocalParticipant, didUnpublishTrack publication: LocalTrackPublication)
    {}
    /// Somebody publishes a track.
    public func room(_ room: Room, participant: RemoteParticipant, didPublishTrack publication: RemoteTrackPublication)
    {}
    /// Somebody does not publish a track any more.
    public func room(
        _ room: Room, participant: RemoteParticipant, didUnpublishTrack publication: RemoteTrackPublication
    ) {}
    /// A track is here.
    public func room(
        _ room: Room, participant: RemoteParticipant, didSubscribeTrack publication: RemoteTrackPublication
    ) {}
    /// A track is not here any more.
    public func room(
        _ room: Room, participant: RemoteParticipant, didUnsubscribeTrack publication: RemoteTrackPublication
    ) {}
    /// A data message came; from the server itself if there is no participant.
    public func room(
        _ room: Room, participant: RemoteParticipant?, didReceiveData data: [UInt8], forTopic topic: String
    ) {}
    /// A track was muted or unmuted.
    public func room(
        _ room: Room, participant: Participant, trackPublication: TrackPublication, didUpdateIsMuted isMuted: Bool
    ) {}
    /// The server paused a track or goes on with it.
    public func room(
        _ room: Room, participant: RemoteParticipant, trackPublication: RemoteTrackPublication,
        didUpdateStreamState streamState: StreamState
    ) {}
}

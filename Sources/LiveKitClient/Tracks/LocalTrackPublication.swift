internal import LiveKitProtobuf

/// A track that we publish.
public final class LocalTrackPublication: TrackPublication, @unchecked Sendable {  // As its superclass.
    private let link: SessionLink

    init(_ info: Livekit_TrackInfo, track: Track, link: SessionLink) {
        self.link = link
        super.init(info, track: track)
    }

    /// Holds the track's pictures or sound back, and tells the others.
    ///
    /// - Throws: ``LiveKitError`` of type ``LiveKitErrorType/invalidState`` while the room is not connected.
    public func mute() async throws {
        try await link.session.setMuted(true, of: self)
    }

    /// Goes on after ``mute()``.
    ///
    /// - Throws: ``LiveKitError`` of type ``LiveKitErrorType/invalidState`` while the room is not connected.
    public func unmute() async throws {
        try await link.session.setMuted(false, of: self)
    }

    /// Mutes the track itself; telling others is the session's part.
    func setTrack(muted: Bool) {
        set(muted: muted)
        (track as? LocalVideoTrack)?.set(muted: muted)
        (track as? LocalAudioTrack)?.set(muted: muted)
    }
}

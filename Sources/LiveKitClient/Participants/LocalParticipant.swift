internal import LiveKitProtobuf
internal import Synchronization

/// The participant that this client is.
public final class LocalParticipant: Participant, @unchecked Sendable {  // As its superclass.
    /// Publishes a video track, in VP8.
    ///
    /// - Parameters:
    ///   - track: The track; from now on what it captures goes out.
    ///   - options: How to publish it; the room's default unless given.
    /// - Returns: The publication, once the server accepted it and the media connection stands.
    /// - Throws: ``LiveKitError`` of type ``LiveKitErrorType/invalidState`` while the room is not connected or if the
    ///   track is published already, ``LiveKitErrorType/insufficientPermissions`` if the token does not permit it,
    ///   ``LiveKitErrorType/timedOut`` if the server does not answer.
    @discardableResult
    public func publish(
        videoTrack track: LocalVideoTrack, options: VideoPublishOptions? = nil
    ) async throws -> LocalTrackPublication {
        try await link.session.publish(track, options: options)
    }

    /// Publishes an audio track, in Opus.
    ///
    /// - Parameters:
    ///   - track: The track; from now on what it captures goes out.
    ///   - options: How to publish it; the room's default unless given.
    /// - Returns: The publication, once the server accepted it and the media connection stands.
    /// - Throws: ``LiveKitError`` of type ``LiveKitErrorType/invalidState`` while the room is not connected or if the
    ///   track is published already, ``LiveKitErrorType/insufficientPermissions`` if the token does not permit it,
    ///   ``LiveKitErrorType/timedOut`` if the server does not answer.
    @discardableResult
    public func publish(
        audioTrack track: LocalAudioTrack, options: AudioPublishOptions? = nil
    ) async throws -> LocalTrackPublication {
        try await link.session.publish(track, options: options)
    }

    /// Ends a publication.
    ///
    /// - Throws: ``LiveKitError`` of type ``LiveKitErrorType/invalidState`` while the room is not connected.
    public func unpublish(publication: LocalTrackPublication) async throws {
        try await link.session.unpublish(publication.sid)
    }

    /// Ends all publications.
    ///
    /// - Throws: ``LiveKitError`` of type ``LiveKitErrorType/invalidState`` while the room is not connected.
    public func unpublishAll() async throws {
        for publication in localTrackPublications { try await unpublish(publication: publication) }
    }

    /// Sends a message to other participants.
    ///
    /// A reliable message is retransmitted until it arrives, and delivered in order. A lossy one is sent once and
    /// may be lost. Success means *accepted for sending*, not *received*.
    ///
    /// - Parameters:
    ///   - data: The message, at most ``maximumDataBytes`` bytes.
    ///   - options: To whom and how; the room's default unless given.
    /// - Throws: ``LiveKitError`` of type ``LiveKitErrorType/invalidState`` while the room is not connected or if too
    ///   much waits to be sent, ``LiveKitErrorType/invalidParameter`` for a message or a topic that is too long,
    ///   ``LiveKitErrorType/insufficientPermissions`` if the token does not permit it.
    public func publish(data: [UInt8], options: DataPublishOptions? = nil) async throws {
        guard data.count <= Self.maximumDataBytes else {
            throw LiveKitError(
                .invalidParameter,
                message: "A message of \(data.count) bytes is over the limit of \(Self.maximumDataBytes).")
        }
        if let topic = options?.topic, topic.utf8.count > DataPublishOptions.maximumTopicBytes {
            throw LiveKitError(.invalidParameter, message: "The topic is over 256 bytes.")
        }
        try await link.session.publish(data, options: options)
    }

    /// The longest data message: with its envelope it fits what LiveKit's servers take, 65 535 bytes.
    public static let maximumDataBytes = 64_000

    /// Changes our metadata.
    ///
    /// - Throws: ``LiveKitError``, among others of type ``LiveKitErrorType/insufficientPermissions``.
    public func set(metadata: String) async throws {
        try await link.session.updateDetails { $0.metadata = metadata }
    }

    /// Changes our name.
    ///
    /// - Throws: ``LiveKitError``, among others of type ``LiveKitErrorType/insufficientPermissions``.
    public func set(name: String) async throws {
        try await link.session.updateDetails { $0.name = name }
    }

    /// Changes some of our attributes; an empty value removes one.
    ///
    /// - Throws: ``LiveKitError``, among others of type ``LiveKitErrorType/insufficientPermissions``.
    public func set(attributes: [String: String]) async throws {
        try await link.session.updateDetails { $0.attributes = attributes }
    }

    /// What we publish.
    public var localTrackPublications: [LocalTrackPublication] {
        trackPublications.values.compactMap { $0 as? LocalTrackPublication }
    }

    func add(_ publication: LocalTrackPublication) {
        state.withLock { $0.publications[publication.sid] = publication }
    }

    func remove(_ sid: Track.Sid) -> LocalTrackPublication? {
        state.withLock { $0.publications.removeValue(forKey: sid) as? LocalTrackPublication }
    }
}

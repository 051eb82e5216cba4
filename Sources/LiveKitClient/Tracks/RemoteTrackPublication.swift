internal import LiveKitProtobuf
internal import Synchronization

/// The size of picture to receive of a track that is published in several.
public enum VideoQuality: Hashable, Sendable {
    /// The smallest.
    case low
    /// The one between.
    case medium
    /// The largest.
    case high

    var wire: Livekit_VideoQuality {
        switch self {
        case .low: .low
        case .medium: .medium
        case .high: .high
        }
    }
}

/// Whether the server sends a subscribed track, or has paused it for want of bandwidth.
public enum StreamState: Hashable, Sendable {
    /// It is sent.
    case active
    /// It is paused.
    case paused
}

/// A track that another participant publishes.
public final class RemoteTrackPublication: TrackPublication, @unchecked Sendable {  // As its superclass.
    private struct Wishes {
        var isEnabled = true
        var quality: VideoQuality?
        var dimensions: Dimensions?
        var framesPerSecond: Int?
        var streamState = StreamState.active
        var isSubscriptionAllowed = true
    }

    private let link: SessionLink
    private let participantSID: String
    private let wishes = Mutex(Wishes())

    init(_ info: Livekit_TrackInfo, participantSID: String, link: SessionLink) {
        self.participantSID = participantSID
        self.link = link
        super.init(info, track: nil)
    }

    /// Whether the server sends the track.
    public var streamState: StreamState { wishes.withLock { $0.streamState } }
    /// Whether the publisher lets us subscribe.
    public var isSubscriptionAllowed: Bool { wishes.withLock { $0.isSubscriptionAllowed } }

    func set(streamState: StreamState) { wishes.withLock { $0.streamState = streamState } }
    func set(subscriptionAllowed: Bool) { wishes.withLock { $0.isSubscriptionAllowed = subscriptionAllowed } }

    /// Subscribes to the track, or ends the subscription. The track comes and goes with the room's events.
    ///
    /// - Throws: ``LiveKitError`` of type ``LiveKitErrorType/invalidState`` while the room is not connected.
    public func set(subscribed: Bool) async throws {
        var update = Livekit_UpdateSubscription()
        update.trackSids = [sid.stringValue]
        update.subscribe = subscribed
        var tracks = Livekit_ParticipantTracks()
        tracks.participantSid = participantSID
        tracks.trackSids = [sid.stringValue]
        update.participantTracks = [tracks]
        try await link.session.send(.subscription(update))
    }

    /// Pauses a subscribed track, or lets it go on.
    ///
    /// - Throws: ``LiveKitError`` of type ``LiveKitErrorType/invalidState`` while the room is not connected.
    public func set(enabled: Bool) async throws {
        wishes.withLock { $0.isEnabled = enabled }
        try await sendSettings()
    }

    /// Chooses the size of the pictures.
    ///
    /// - Throws: ``LiveKitError`` of type ``LiveKitErrorType/invalidState`` while the room is not connected.
    public func set(videoQuality quality: VideoQuality) async throws {
        wishes.withLock { wishes in
            wishes.quality = quality
            wishes.dimensions = nil
        }
        try await sendSettings()
    }

    /// Chooses the size of the pictures by where they will be shown.
    ///
    /// - Throws: ``LiveKitError`` of type ``LiveKitErrorType/invalidState`` while the room is not connected.
    public func set(preferredDimensions dimensions: Dimensions) async throws {
        wishes.withLock { wishes in
            wishes.dimensions = dimensions
            wishes.quality = nil
        }
        try await sendSettings()
    }

    /// Chooses how many pictures to receive each second.
    ///
    /// - Throws: ``LiveKitError`` of type ``LiveKitErrorType/invalidState`` while the room is not connected.
    public func set(preferredFPS framesPerSecond: Int) async throws {
        wishes.withLock { $0.framesPerSecond = framesPerSecond }
        try await sendSettings()
    }

    private func sendSettings() async throws {
        try await link.session.send(.trackSetting(settings))
    }

    var settings: Livekit_UpdateTrackSettings {
        let wishes = wishes.withLock { $0 }
        var settings = Livekit_UpdateTrackSettings()
        settings.trackSids = [sid.stringValue]
        settings.disabled = !wishes.isEnabled
        // Without a choice the largest picture is meant; the field's default would be the smallest.
        settings.quality = (wishes.quality ?? .high).wire
        if let dimensions = wishes.dimensions {
            settings.width = UInt32(clamping: dimensions.width)
            settings.height = UInt32(clamping: dimensions.height)
        }
        if let framesPerSecond = wishes.framesPerSecond { settings.fps = UInt32(clamping: framesPerSecond) }
        return settings
    }
}

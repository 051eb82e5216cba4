internal import LiveKitCore

/// What the operator has decided for all rooms.
struct RoomRules: Sendable {
    /// Whether the API may unmute what a participant muted.
    var enablesRemoteUnmute = false
    /// Whether somebody whose identity is here and connected is refused, instead of taking the place.
    var refusesDuplicateIdentity = false
    /// How long a publisher goes on with a layer that nobody wants.
    var dynacastPauseDelay = MediaDuration.seconds(5)
    var fallback = TransportFallback.Rules()
    var reconnection = Reconnection()
    var enablesDataTracks = true
    /// Whether participants may keep data by keys (`enable_participant_data_blob`).
    var enablesDataBlobs = false
    /// Whether all of a participant's tracks of one stream are kept in step.
    var syncsStreams = false
    /// How many bytes of participants one `update` carries before the next begins.
    var updateBatchBytes = 128 * 1024

    /// What a client is told to start afresh after.
    struct Reconnection: Sendable {
        /// A track that it announced did not start.
        var afterPublications = false
        /// A track that it subscribed to did not.
        var afterSubscriptions = false
        /// A data channel ended.
        var afterDataChannels = false
    }

    /// LiveKit's defaults.
    init() {}

    init(_ configuration: LiveKitServerConfiguration) {
        enablesRemoteUnmute = configuration.room.enablesRemoteUnmute
        refusesDuplicateIdentity = configuration.room.refusesDuplicateIdentity
        dynacastPauseDelay = MediaDuration(configuration.video.dynacastPauseDelay)
        fallback = TransportFallback.Rules(configuration)
        reconnection.afterPublications = configuration.rtc.reconnectsOnPublicationError
        reconnection.afterSubscriptions = configuration.rtc.reconnectsOnSubscriptionError
        reconnection.afterDataChannels = configuration.rtc.reconnectsOnDataChannelError
        enablesDataTracks = configuration.enablesDataTracks
        enablesDataBlobs = configuration.enablesDataBlobs
        syncsStreams = configuration.room.syncsStreams
        updateBatchBytes = configuration.room.updateBatchBytes
    }
}

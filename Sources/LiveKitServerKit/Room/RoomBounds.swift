internal import LiveKitCore

/// Bounds and periods of a room that no configuration changes.
enum RoomBounds {
    /// Tracks announced and not started yet, for each participant. LiveKit's own bound.
    static let pendingTracks = 20
    /// Tracks of one client's id that are announced and not ended. LiveKit's own bound.
    static let tracksOfOneID = 3
    /// Identities whose way of media is remembered.
    static let candidatePreferences = 1024
    /// Tracks that one participant has stated a wish about; more are not remembered.
    static let subscriptionWishes = 4096
    /// Entries of a publisher's allow-list.
    static let permissionEntries = 1024
    /// Attributes in one update; their bytes have a configured limit.
    static let attributes = 1024
    /// Nonces of user packets remembered by a room. LiveKit's own bound.
    static let rememberedNonces = 100
    /// A nonce's bytes.
    static let nonceBytes = 16
    /// Bytes of reliable packets held for a participant whose channel is not open; the oldest fall out.
    static let heldReliableBytes = 100_000
    /// Rooms that one participant is forwarded to.
    static let forwardings = 16
    /// Departures remembered for those who are away meanwhile. LiveKit's own bound.
    static let departures = 128
    /// Data tracks published by one participant.
    static let dataTracks = 256
    /// Bytes of a data track's name, and of its schema's.
    static let dataTrackNameBytes = 256
    /// Data blobs of one participant, whatever their size.
    static let dataBlobs = 1024
    /// Calls of the API that wait for a participant's answer.
    static let pendingRPCs = 1000
    /// Bytes of a call's payload. LiveKit's own bound.
    static let rpcPayloadBytes = 15 * 1024
    /// Layers of one track.
    static let videoLayers = 8
    /// Codecs of one track (primary and backup).
    static let simulcastCodecs = 4

    /// A participant must have acknowledged a call by then. Beyond LiveKit's two seconds, because calls wait for a
    /// newcomer's data channel.
    static let rpcAcknowledgement = MediaDuration.seconds(7)
    /// And have answered by then, unless the call says otherwise.
    static let rpcResponse = MediaDuration.seconds(10)
    /// The longest that a call may ask for.
    static let longestRPCResponse = MediaDuration.seconds(300)

    /// A participant that is not ACTIVE by then is removed with JOIN_FAILURE.
    static let joinTimeout = MediaDuration.seconds(60)
    /// A participant whose media is gone is kept so long for its client to come back.
    static let mediaAbsence = MediaDuration.seconds(5)
    /// Changes that only the audience concerns go out once for each such period.
    static let subscriberUpdatePeriod = MediaDuration.seconds(3)
    /// How long a client may wait with the resume that it wants to go wrong.
    static let resumeSimulation = MediaDuration.seconds(5)
    /// Counters go out in one `room_update` for each such period.
    static let roomUpdatePeriod = MediaDuration.seconds(5)
    /// Connection qualities go out so often, when there is news.
    static let qualityPeriod = MediaDuration.seconds(5)
    /// A fresh token goes out so often.
    static let tokenPeriod = MediaDuration.seconds(300)
    /// A publisher whose video nobody subscribed to is told after so long. LiveKit's own.
    static let firstDemand = MediaDuration.seconds(10)
    /// For so long somebody who comes back goes by the way that its last session preferred. LiveKit's own.
    static let candidatePreferenceLifetime = MediaDuration.seconds(300)
    /// Whoever waits for something is looked at again so often. LiveKit's own.
    static let reconciliation = MediaDuration.seconds(3)
    /// A subscription whose media has not begun by then counts as failed. LiveKit's own.
    static let subscriptionStart = MediaDuration.seconds(15)
    /// And a publication. LiveKit's own.
    static let publicationStart = MediaDuration.seconds(30)
    /// What is said of a track that does not exist is forgotten after so long; a wish is answered with SE_TRACK_NOTFOUND.
    static let trackNotFound = MediaDuration.seconds(60)
}

internal import LiveKitCore
internal import LiveKitProtobuf

/// One participant's session in a room: who it is, what it may, what it publishes and what it wants.
struct RoomParticipant: Sendable {
    let sid: ParticipantSID
    let identity: String
    let kind: Livekit_ParticipantInfo.Kind
    let kindDetails: [Livekit_ParticipantInfo.KindDetail]
    let client: Livekit_ClientInfo
    let subscribesAutomatically: Bool
    let subscribesToDataTracks: Bool
    let adaptsStreams: Bool
    /// One peer connection carries both directions; it goes by the name of the publisher one.
    let usesSinglePeerConnection: Bool
    let joinedAt: MediaInstant
    let joinedAtMilliseconds: Int64
    /// Whether the subscriber connection is the one that makes the participant ACTIVE.
    let isSubscriberPrimary: Bool

    var name: String
    var metadata: String
    var attributes: [String: String]
    var permission: Livekit_ParticipantPermission
    var state = Livekit_ParticipantInfo.State.joining
    /// When it became ACTIVE.
    var activeAt: MediaInstant?
    /// When the connection first stood that it publishes by.
    var publishesSince: MediaInstant?
    /// Grows with each change that others are told.
    var version: UInt32 = 1

    /// Announced and not started, in the order of their announcement.
    var pendingTracks: [PendingTrack] = []
    /// Started, in the order of their start.
    var tracks: [RoomTrack] = []
    var dataTracks: [RoomDataTrack] = []
    /// Who may subscribe to its tracks; `nil` means everybody.
    var audience: Audience?

    /// What the client asked for, track by track; the others follow ``subscribesAutomatically``.
    var wishes: [TrackSID: SubscriptionWish] = [:]
    /// What the client asked for of data tracks, and which it is sent.
    var dataWishes: [TrackSID: DataTrackWish] = [:]
    var lastDataHandle: UInt16 = 0
    /// What it keeps for others.
    var dataBlobs: [Livekit_DataBlobKey: Livekit_DataBlob] = [:]
    /// What is being forwarded to it.
    var subscriptions: Set<TrackSID> = []
    /// What its client cannot decode, until it asks again.
    var undecodable: Set<TrackSID> = []
    /// What it was told that it may not have; of everything else clients believe that they may.
    var refused: Set<TrackSID> = []
    /// What is wanted and may be had, and finds no place among its subscriptions.
    var waiting: Set<TrackSID> = []
    /// Since when what is forwarded to it has not begun.
    var awaited: [TrackSID: MediaInstant] = [:]
    /// Of what is forwarded to it: what was paused for want of bandwidth, and whether it still is.
    var streamStates: [TrackSID: StreamStateReport] = [:]

    /// Whether it is in another room, and only its tracks are here too.
    var isForwarded = false
    /// Whether it is here, and its tracks are in other rooms too.
    var isForwardedElsewhere = false

    /// When the client was heard last over its signalling.
    var lastHeardAt: MediaInstant
    /// Since when there has been no signalling; while media goes on, that is no reason to end.
    var signalLostAt: MediaInstant?
    /// Since when a peer connection has been gone for good.
    var mediaLostAt: MediaInstant?
    /// What was told last of each peer connection.
    var connectionStates: [PeerTarget: PeerConnectionState] = [:]
    var fallback = TransportFallback()
    var resumeSimulation: ResumeSimulation?
    var tokenSentAt: MediaInstant
    /// Whose connection quality it was told.
    var toldQualities: Set<ParticipantSID> = []
    var isReliableChannelOpen = false
    /// Reliable packets that wait for the channel to open.
    var heldPackets = HeldPackets()
    /// The highest `sequence` of its reliable packets so far.
    var lastReliableSequence: UInt32 = 0
    /// The loudness last told.
    var speakerLevel: Float = 0

    init(_ intent: JoinIntent, sid: ParticipantSID, now: MediaInstant, unixMilliseconds: Int64) {
        self.sid = sid
        identity = intent.identity
        kind = intent.kind
        kindDetails = intent.kindDetails
        client = intent.client
        subscribesAutomatically = intent.subscribesAutomatically
        subscribesToDataTracks = intent.subscribesToDataTracks
        adaptsStreams = intent.adaptsStreams
        usesSinglePeerConnection = intent.usesSinglePeerConnection
        joinedAt = now
        joinedAtMilliseconds = unixMilliseconds
        name = intent.name
        metadata = intent.metadata
        attributes = intent.attributes.filter { !$0.value.isEmpty }
        permission = intent.permission
        tokenSentAt = now
        lastHeardAt = now
        isSubscriberPrimary =
            !intent.usesSinglePeerConnection && intent.client.protocol > 2 && intent.permission.canSubscribe
    }

    /// The connection that makes it ACTIVE has failed, and no other path is sought.
    var isMediaGone: Bool { connectionStates[isSubscriberPrimary ? .subscriber : .publisher] == .failed }

    var isHidden: Bool { permission.hidden }

    /// Agents and recorders neither keep a room open nor count against its size.
    var isDependent: Bool {
        isForwarded || kind == .agent || kind == .egress || permission.agent || permission.recorder
    }

    var isAgent: Bool { kind == .agent || permission.agent }

    /// Recorders are not kept out by a publisher's allow-list.
    var isRecorder: Bool { kind == .egress || permission.recorder }

    var isPublisher: Bool { !tracks.isEmpty || !dataTracks.isEmpty }

    /// Whether tracks are sent from the first offer on; before protocol 8 clients must be ACTIVE first.
    var startsFast: Bool { usesSinglePeerConnection || (isSubscriberPrimary && client.protocol > 7) }

    /// What others are told of it.
    var info: Livekit_ParticipantInfo {
        var info = Livekit_ParticipantInfo()
        info.sid = sid.rawValue
        info.identity = identity
        info.name = name
        info.state = state
        info.metadata = metadata
        info.attributes = attributes
        info.joinedAt = joinedAtMilliseconds / 1000
        info.joinedAtMs = joinedAtMilliseconds
        info.version = version
        info.permission = permission
        info.isPublisher = isPublisher
        info.kind = kind
        info.kindDetails = kindDetails
        info.clientProtocol = client.clientProtocol
        info.capabilities = client.capabilities
        info.tracks = tracks.map(\.info)
        info.dataTracks = dataTracks.map(\.info)
        return info
    }
}

/// A track that `add_track` promised.
struct PendingTrack: Sendable {
    var cid: String
    var info: Livekit_TrackInfo
    /// Whether an earlier one with the same cid must end first; only then is it answered.
    var isQueued: Bool
    /// Since when its media may be expected, while it is not muted.
    var awaitedSince: MediaInstant
    /// Whether it was said to fail.
    var isOverdue = false

    var sid: TrackSID { TrackSID(rawValue: info.sid) }
}

/// A track whose media has started.
struct RoomTrack: Sendable {
    var info: Livekit_TrackInfo
    /// The client's id, by which it was announced.
    var cid: String
    /// How loud it is, as the forwarding half told last.
    var level: Float = 0
    /// Whether the publisher was told that somebody subscribed, which happens once.
    var wasAnnouncedAsSubscribed = false
    /// `nil` where nothing can be left out.
    var demand: TrackDemand?

    var sid: TrackSID { TrackSID(rawValue: info.sid) }
}

/// What a subscriber wants of one track.
struct SubscriptionWish: Sendable {
    /// `nil` when only settings were stated.
    var isWanted: Bool?
    var stated: StatedSettings?
    /// Since when the track has been missing, for SE_TRACK_NOTFOUND.
    var missingSince: MediaInstant?
}

/// What a subscriber said of a track (`track_setting`). Which layer that is depends on the track, which may come later.
struct StatedSettings: Sendable {
    var isEnabled: Bool
    var priority: UInt8
    var quality: Livekit_VideoQuality
    /// The size that it is shown in; 0 where it is not known.
    var width: UInt32
    var height: UInt32
    /// 0 for all.
    var framesPerSecond: UInt32

    init(_ request: Livekit_UpdateTrackSettings) {
        isEnabled = !request.disabled
        priority = UInt8(clamping: request.priority)
        quality = request.quality
        width = request.width
        height = request.height
        framesPerSecond = request.fps
    }

    func settings(of track: Livekit_TrackInfo?) -> TrackSettings {
        let quality = width > 0 ? track?.quality(forWidth: width, height: height) ?? .high : quality
        return TrackSettings(
            isEnabled: isEnabled, maximumLayer: quality.layerIndex, priority: priority, framesPerSecond: framesPerSecond
        )
    }
}

/// A publisher's allow-list (`SubscriptionPermission`).
struct Audience: Sendable {
    struct Entry: Sendable {
        var identity: String
        var hasAllTracks: Bool
        var tracks: Set<TrackSID>
    }

    var entries: [Entry]

    func includes(identity: String, track: TrackSID) -> Bool {
        entries.contains { $0.identity == identity && ($0.hasAllTracks || $0.tracks.contains(track)) }
    }
}

internal import LiveKitCore
internal import LiveKitProtobuf

/// Decides everything about one room: who is here, who may what, who publishes and who is sent it.
///
/// A synchronous machine: it reads no clock and sends nothing. Every entry takes `now`; what is to be done is
/// drained by ``takeEffects()``. It owns no socket and no media: those belong to the controller and to the
/// forwarding half.
struct RoomState: Sendable {
    let limits: LiveKitServerConfiguration.Limits
    var rules: RoomRules
    /// Marks frames that the server makes itself, so that end-to-end encryption lets them pass.
    let serverFrameTrailer: [UInt8]
    /// Unix time in milliseconds at ``MediaInstant/start``.
    let unixMillisecondsAtStart: Int64

    var info: Livekit_Room
    var participants: [ParticipantSID: RoomParticipant] = [:]
    /// The participants in the order in which they joined.
    var order: [ParticipantSID] = []
    var sidByIdentity: [String: ParticipantSID] = [:]
    var publisherByTrack: [TrackSID: ParticipantSID] = [:]
    var recentNonces: [[UInt8]] = []

    let createdAt: MediaInstant
    /// When the last participant that counts left; `nil` before anybody came and while somebody is here.
    var emptySince: MediaInstant?
    var hasBeenJoined = false
    var areCountersStale = false
    var roomUpdateSentAt: MediaInstant
    var qualitySentAt: MediaInstant
    /// When a simulated speaker falls silent again.
    var simulatedSpeakers: [ParticipantSID: MediaInstant] = [:]
    /// Whose change others have yet to hear of.
    var batchedUpdates: [ParticipantSID] = []
    var batchSentAt: MediaInstant
    var reconciledAt: MediaInstant
    /// Who left lately, the oldest first.
    var departures: [Departure] = []
    var replayCache = ReplayCache()
    var versionTicks: Int32 = 0
    var agents = RoomAgents()
    var egress = RoomEgress()
    /// Forwarded participants that were removed here; they are not shown again.
    var refusedForwards: Set<ParticipantSID> = []
    /// Who is on the way here from another room, and has a place.
    var expected: [ParticipantSID: RoomParticipant] = [:]
    var pendingRPCs: [String: PendingRPC] = [:]
    var candidatePreferences = CandidatePreferences()
    private(set) var endReason: Livekit_RoomEndReason?

    var random: DeterministicRandom
    private var effects: [RoomEffect] = []

    init(
        info: Livekit_Room, limits: LiveKitServerConfiguration.Limits, rules: RoomRules = RoomRules(),
        unixMillisecondsAtStart: Int64, random: DeterministicRandom, now: MediaInstant
    ) {
        self.info = info
        self.limits = limits
        self.rules = rules
        self.unixMillisecondsAtStart = unixMillisecondsAtStart
        var random = random
        serverFrameTrailer = (0..<Self.serverFrameTrailerBytes).map { _ in
            UInt8.random(in: .min ... .max, using: &random)
        }
        self.random = random
        createdAt = now
        roomUpdateSentAt = now
        qualitySentAt = now
        batchSentAt = now
        reconciledAt = now
        self.info.sid = makeIdentifier("RM_")
        self.info.creationTimeMs = unixMilliseconds(now)
        self.info.creationTime = self.info.creationTimeMs / 1000
        announce(.roomStarted)
    }

    private static let serverFrameTrailerBytes = 16

    var sid: RoomSID { RoomSID(rawValue: info.sid) }
    var isClosed: Bool { endReason != nil }

    /// The room as others are told of it, with its counters as they are.
    var currentInfo: Livekit_Room {
        var current = info
        let visible = participants.values.filter { !$0.isHidden }
        current.numParticipants = UInt32(truncatingIfNeeded: visible.count { !$0.isDependent })
        current.numPublishers = UInt32(truncatingIfNeeded: visible.count { $0.isPublisher })
        return current
    }

    /// What was decided since the last call, in order.
    mutating func takeEffects() -> [RoomEffect] {
        defer { effects = [] }
        return effects
    }

    // MARK: Ending

    /// Ends the room: everybody is told to leave, and nothing more is decided.
    mutating func close(
        _ reason: Livekit_RoomEndReason, telling disconnectReason: Livekit_DisconnectReason, now: MediaInstant
    ) {
        guard endReason == nil else { return }
        for sid in order {
            sendLeave(to: sid, reason: disconnectReason, action: .disconnect)
            emit(.closeSignal(sid))
            emit(.media(.removeParticipant(sid)))
            guard let participant = participants[sid], !participant.isForwarded else { continue }
            emit(.notice(.participantLeft(sid, identity: participant.identity, reason: disconnectReason)))
        }
        endAllAgents(now: now)
        failRPCs()
        announceEnd(telling: disconnectReason)
        endReason = reason
        participants = [:]
        order = []
        sidByIdentity = [:]
        publisherByTrack = [:]
        emit(.notice(.closed(reason)))
    }

    // MARK: Shared by the parts

    mutating func emit(_ effect: RoomEffect) {
        effects.append(effect)
    }

    mutating func signal(_ sid: ParticipantSID, _ message: Livekit_SignalResponse.OneOf_Message) {
        emit(.signal(sid, message))
    }

    /// Says what became of a request. Clients before protocol 15 know refusals only.
    mutating func answer(_ sid: ParticipantSID, _ response: Livekit_RequestResponse) {
        guard let client = participants[sid]?.client, client.decodesLaterResponses,
            response.reason != .ok || client.protocol > 14
        else { return }
        signal(sid, .requestResponse(response))
    }

    mutating func sendLeave(
        to sid: ParticipantSID, reason: Livekit_DisconnectReason, action: Livekit_LeaveRequest.Action
    ) {
        guard let participant = participants[sid] else { return }
        var leave = Livekit_LeaveRequest()
        leave.reason = reason
        if participant.client.protocol > 12 {
            leave.action = action
        } else {
            // Before protocol 13 a flag was all there was.
            leave.canReconnect = action != .disconnect
        }
        signal(sid, .leave(leave))
    }

    mutating func makeIdentifier(_ prefix: String) -> String {
        GUID.make(prefix, using: &random)
    }

    func unixMilliseconds(_ now: MediaInstant) -> Int64 {
        unixMillisecondsAtStart &+ (now - .start).milliseconds
    }

    mutating func nextVersion(now: MediaInstant) -> Livekit_TimedVersion {
        versionTicks &+= 1
        var version = Livekit_TimedVersion()
        version.unixMicro = unixMilliseconds(now) &* 1000
        version.ticks = versionTicks
        return version
    }

    mutating func broadcastRoomUpdate(now: MediaInstant) {
        roomUpdateSentAt = now
        areCountersStale = false
        var update = Livekit_RoomUpdate()
        update.room = currentInfo
        for sid in order {
            signal(sid, .roomUpdate(update))
        }
    }
}

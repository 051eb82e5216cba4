internal import LiveKitCore
internal import LiveKitRTC
internal import LiveKitRTCTransport

/// One participant on the media plane: its two peer connections, what it publishes and what it is sent.
final class ForwardedParticipant {
    let sid: ParticipantSID
    private(set) var options: ParticipantMediaOptions
    /// Changes when the participant is moved.
    unowned var room: RoomForwarder
    private(set) var publisher: PublisherConnection?
    private(set) var subscriber: SubscriberConnection?
    var downTracks: [TrackSID: DownTrack] = [:]
    var gates: DataGates
    /// What its path is said to carry, in place of an estimate (`simulate.subscriber_bandwidth`).
    private var channelCapacity: Bitrate?
    /// Announced and not removed, by the client's id.
    private(set) var expected: [String: ExpectedTrack] = [:]
    /// Candidates that came before the offer they belong to.
    private var earlyCandidates: [String] = []

    /// More are no candidates of one client.
    private static let earlyCandidateLimit = 64

    init(sid: ParticipantSID, options: ParticipantMediaOptions, room: RoomForwarder) {
        self.sid = sid
        self.options = options
        self.room = room
        gates = DataGates(room.environment.settings)
        if options.offersSubscriberAtOnce { makeSubscriber() }
    }

    func close() {
        publisher?.session.close()
        if subscriber?.session !== publisher?.session { subscriber?.session.close() }
        publisher = nil
        subscriber = nil
        for track in downTracks.values { track.detach() }
        downTracks.removeAll()
    }

    // MARK: Publishing

    func applyOffer(_ sdp: String, id: UInt32, midToTrackCID: [String: String]) {
        makePublisher().applyOffer(sdp, id: id, midToTrackCID: midToTrackCID)
        let early = earlyCandidates
        earlyCandidates = []
        for candidate in early { addCandidate(candidate, target: .publisher) }
    }

    private func makePublisher() -> PublisherConnection {
        if let publisher { return publisher }
        let made = PublisherConnection(participant: self)
        publisher = made
        return made
    }

    func expect(_ track: ExpectedTrack) {
        expected[track.cid] = track
        if room.tracks[track.sid] == nil { room.tracks[track.sid] = PublishedTrack(track, publisher: self) }
        publisher?.bindSections()
    }

    func forget(_ sid: TrackSID) {
        expected = expected.filter { $0.value.sid != sid }
    }

    // MARK: Subscribing

    private func makeSubscriber() {
        guard subscriber == nil else { return }
        subscriber =
            options.usesSinglePeerConnection
            ? SubscriberConnection(sharing: makePublisher(), participant: self)
            : SubscriberConnection(participant: self)
        subscriber?.allocator.overrideCapacity(channelCapacity)
        room.scheduleNegotiation(of: sid)
    }

    func applyAnswer(_ sdp: String, id: UInt32) { subscriber?.applyAnswer(sdp, id: id) }

    func addDownTrack(_ track: PublishedTrack) {
        guard downTracks[track.sid] == nil, track.publisher !== self else { return }
        makeSubscriber()
        guard let subscriber else { return }
        let down = DownTrack(track: track, connection: subscriber)
        downTracks[track.sid] = down
        track.add(down)
        room.scheduleNegotiation(of: sid)
    }

    func removeDownTrack(_ sid: TrackSID) {
        guard let down = downTracks.removeValue(forKey: sid) else { return }
        down.detach()
        subscriber?.allocate(now: room.core.now)
        room.scheduleNegotiation(of: self.sid)
    }

    func apply(_ settings: TrackSettings, to track: TrackSID) { downTracks[track]?.apply(settings) }

    func overrideCapacity(_ capacity: Bitrate?) {
        channelCapacity = capacity
        subscriber?.allocator.overrideCapacity(capacity)
        subscriber?.allocate(now: room.core.now)
    }

    // MARK: Both

    func addCandidate(_ candidate: String, target: PeerTarget) {
        let isPublisher = target == .publisher || options.usesSinglePeerConnection
        if isPublisher, publisher?.hasOffer != true {
            if earlyCandidates.count < Self.earlyCandidateLimit { earlyCandidates.append(candidate) }
            return
        }
        let session = isPublisher ? publisher?.session : subscriber?.session
        session?.connection.addRemoteCandidate(candidate, now: room.core.now)
        session?.update()
    }

    func allowUDP(_ isAllowed: Bool) {
        options.allowsUDP = isAllowed
        for session in [publisher?.session, subscriber?.session] {
            session?.connection.allowsUDP = room.environment.allowsUDP(options)
        }
    }

    func restartICE() {
        subscriber?.restartICE()
        room.scheduleNegotiation(of: sid)
    }

    /// What both connections counted since the last call.
    func takeTally() -> MediaTally {
        var tally = gates.takeTally()
        if let publisher { tally += publisher.takeTally() }
        if let subscriber { tally += subscriber.takeTally() }
        return tally
    }

    func negotiateIfNeeded() { subscriber?.negotiateIfNeeded() }

    func tick(now: MediaInstant) {
        subscriber?.negotiationTimeout(now: now)
        subscriber?.allocateInTurn(now: now)
        // An offer that could not be made, or was answered badly, is tried again at the pace of the tick.
        room.scheduleNegotiation(of: sid)
    }
}

internal import LiveKitCore
internal import LiveKitRTC
internal import LiveKitRTCTransport

/// The connection that the server sends subscribed tracks by: one that it offers itself, or the client's only one,
/// whose further sections it has to ask for.
final class SubscriberConnection: PeerConnectionObserver {
    let session: PeerSession
    private unowned let participant: ForwardedParticipant
    private var downTracks: [SSRC: DownTrack] = [:]
    /// Offer ids start at random and count up (features: 1…256).
    private var offerID: UInt32
    private var offeredAt: MediaInstant?
    private var counted = ConnectionTally()
    /// Packets that were asked for again since the last tally.
    private var packetsAskedFor = 0
    /// The client's offers on the shared connection; `nil` for a connection of our own.
    private var requests: SectionRequests?
    /// Which layers the path carries.
    var allocator: StreamAllocator
    /// What the receiver says of the path, where it gives no transport-wide feedback.
    var receiverCapacity = ReceiverCapacity()

    /// LiveKit's: no answer in that time is a failed negotiation.
    private static let answerTimeout: MediaDuration = .seconds(15)

    init(participant: ForwardedParticipant) {
        self.participant = participant
        let room = participant.room
        offerID = UInt32(SecureRandom.bytes(1).first ?? 0)
        session = room.environment.makeSession(
            core: room.core, isOfferer: true,
            capabilities: room.environment.subscriberCapabilities.removing(codecs: ["red"])
                .keeping(codecs: participant.options.subscribeCodecs),
            options: participant.options, sendsMedia: true)
        allocator = StreamAllocator(room.environment.allocation(for: participant.options))
        session.connection.observer = self
        let now = room.core.now
        connection.openChannel(label: DataChannelKind.reliable.label, isOrdered: true, now: now)
        connection.openChannel(label: DataChannelKind.lossy.label, isOrdered: false, maxRetransmits: 0, now: now)
        guard participant.options.takesDataTracks else { return }
        connection.openChannel(label: DataChannelKind.dataTrack.label, isOrdered: false, maxRetransmits: 0, now: now)
    }

    /// Sends by the connection that the client offers. That one observes, and passes on what is for here.
    init(sharing publisher: PublisherConnection, participant: ForwardedParticipant) {
        self.participant = participant
        offerID = 0
        session = publisher.session
        requests = SectionRequests()
        allocator = StreamAllocator(participant.room.environment.allocation(for: participant.options))
    }

    var connection: PeerConnection { session.connection }
    var room: RoomForwarder { participant.room }
    var videoTracks: some Sequence<DownTrack> { participant.downTracks.values.lazy.filter { $0.track.kind == .video } }
    var sid: ParticipantSID { participant.sid }
    var now: MediaInstant { room.core.now }
    var usesPackedStreamID: Bool { participant.options.usesPackedStreamID }
    var syncsStreams: Bool { participant.options.syncsStreams }
    var takesPacketTrailers: Bool { participant.options.takesPacketTrailers }
    var serverFrameTrailer: [UInt8] { participant.options.serverFrameTrailer }

    /// Whether the participant may be sent the codec at all.
    func mayBeSent(_ codec: NegotiatedCodec) -> Bool {
        participant.options.subscribeCodecs?.contains(codec.name.lowercased()) ?? true
    }

    // MARK: Negotiation

    /// The tracks sent, by the mid of their section.
    var sentTracks: [String: TrackSID] {
        var named: [String: TrackSID] = [:]
        for (sid, track) in participant.downTracks {
            if let mid = track.mid { named[mid] = sid }
        }
        return named
    }

    func negotiateIfNeeded() {
        if requests != nil { return requestSections() }
        guard connection.negotiationState == .stable, connection.needsNegotiation else { return }
        do {
            let offer = try connection.createOffer(now: now)
            session.update()
            offerID &+= 1
            offeredAt = now
            let named = sentTracks.mapValues(\.rawValue)
            room.emit(.offer(participant.sid, sdp: offer, id: offerID, midToTrackID: named))
            room.emitCandidates(of: connection, participant: participant.sid, target: .subscriber)
        } catch {
            fail(error)
        }
    }

    /// Takes the answer to the newest offer. Clients that know no ids send 0.
    func applyAnswer(_ sdp: String, id: UInt32) {
        guard id == 0 || id == offerID else {
            return room.emit(.answerOutdated(participant.sid, id: id, expected: offerID))
        }
        guard connection.negotiationState == .haveLocalOffer else { return }
        offeredAt = nil
        do {
            try connection.applyRemoteAnswer(sdp, now: now)
            session.update()
            connectTracks()
            room.scheduleNegotiation(of: participant.sid)
        } catch {
            connection.rollback()
            fail(error)
        }
    }

    /// Asks for an offer that has room for what is to be sent.
    private func requestSections() {
        let waiting = SectionRequests.Count(
            audio: connection.waitingTransceivers(.audio), video: connection.waitingTransceivers(.video))
        guard connection.negotiationState == .stable, connection.needsNegotiation,
            let missing = requests?.request(for: waiting, now: now)
        else { return }
        room.emit(.sectionsRequired(participant.sid, audio: missing.audio, video: missing.video))
    }

    /// An offer of the client's was answered on the shared connection.
    func offerAnswered() {
        requests?.offerAnswered()
        connectTracks()
        room.scheduleNegotiation(of: participant.sid)
    }

    func negotiationTimeout(now: MediaInstant) {
        guard let offered = offeredAt, now - offered >= Self.answerTimeout else { return }
        offeredAt = nil
        connection.rollback()
        room.emit(.answerMissing(participant.sid))
    }

    /// Makes another path. Where only the client offers, that is for it to do, and what it was asked for may be lost.
    func restartICE() {
        guard requests == nil else {
            requests = SectionRequests()
            return
        }
        if connection.negotiationState == .haveLocalOffer {
            offeredAt = nil
            connection.rollback()
        }
        connection.restartICE()
    }

    private func fail(_ error: any Error) {
        room.emit(.negotiationFailed(participant.sid, .subscriber, reason: String(describing: error)))
    }

    /// The client has no use for a track in that codec; what becomes of it is decided above.
    func codecRefused(_ track: TrackSID) { room.emit(.codecRefused(participant.sid, track)) }

    func scheduleNegotiation() { room.scheduleNegotiation(of: participant.sid) }

    // MARK: Tracks and data

    /// Tracks may be sent from now on, or no more. What of them the path carries is known before the first packet.
    private func connectTracks() {
        for track in participant.downTracks.values { track.connectionChanged() }
        allocate(now: now)
        for track in participant.downTracks.values { track.begin() }
    }

    func register(_ track: DownTrack, ssrc: SSRC) { downTracks[ssrc] = track }
    func unregister(ssrc: SSRC) { downTracks[ssrc] = nil }

    /// A track is being sent from now on.
    func trackBegan(_ track: TrackSID) { room.emit(.subscribed(participant.sid, track)) }

    /// What was counted since the last call. A shared connection is counted by the half that receives.
    func takeTally() -> MediaTally {
        var tally = requests == nil ? counted.take(connection.statistics) : MediaTally()
        tally.packetsAskedFor = packetsAskedFor
        packetsAskedFor = 0
        return tally
    }

    // MARK: PeerConnectionObserver

    func peerConnection(_ connection: PeerConnection, didReceive packet: InboundPacket) {}

    func peerConnection(_ connection: PeerConnection, didReceive feedback: OutboundFeedback) {
        switch feedback {
        case .lost(let ssrc, let numbers):
            packetsAskedFor &+= numbers.count
            downTracks[ssrc]?.retransmit(numbers)
        case .keyframeRequest(let ssrc):
            downTracks[ssrc]?.requestKeyframe()
        case .bandwidth(let bitsPerSecond):
            receiverEstimated(Bitrate(bitsPerSecond: Int64(clamping: bitsPerSecond)))
        case .report: break
        }
    }

    func peerConnection(_ connection: PeerConnection, didReport event: PeerConnectionEvent) {
        switch event {
        case .stateChanged(let state):
            if let state = PeerConnectionState(state) {
                room.emit(.connectionState(participant.sid, .subscriber, state))
            }
            connectionStateChanged(state)
        case .channelOpened(_, let label):
            participant.channelOpened(label: label, by: session)
        case .message(_, let label, let bytes, _):
            room.receiveData(bytes, label: label, from: participant.sid)
        case .allowanceChanged(let allowance):
            allowanceChanged(allowance)
        case .channelClosed(_, let label):
            participant.channelClosed(label: label, by: session)
        case .bufferedAmountLow:
            break
        }
    }

    func connectionStateChanged(_ state: PeerConnection.State) {
        guard state == .connected else { return }
        connectTracks()
    }
}

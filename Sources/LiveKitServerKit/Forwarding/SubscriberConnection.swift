internal import LiveKitCore
internal import LiveKitRTC
internal import LiveKitRTCTransport

/// The connection that the server offers and sends subscribed tracks by.
final class SubscriberConnection: PeerConnectionObserver {
    private(set) var session: PeerSession
    private unowned let participant: ForwardedParticipant
    private var downTracks: [SSRC: DownTrack] = [:]
    /// Offer ids start at random and count up (features: 1…256).
    private var offerID: UInt32
    private var offeredAt: MediaInstant?

    /// LiveKit's: no answer in that time is a failed negotiation.
    private static let answerTimeout: MediaDuration = .seconds(15)
    /// What may wait on `_lossy` before new messages are dropped: some hundred milliseconds of a slow path.
    private static let lossyBacklog = 64 << 10

    init(participant: ForwardedParticipant) {
        self.participant = participant
        let room = participant.room
        offerID = UInt32(SecureRandom.bytes(1).first ?? 0)
        session = room.environment.makeSession(
            core: room.core, isOfferer: true, capabilities: .liveKitServerSubscriber.removing(codecs: ["red"]))
        session.connection.observer = self
        let now = room.core.now
        connection.openChannel(label: DataChannelKind.reliable.label, isOrdered: true, now: now)
        connection.openChannel(label: DataChannelKind.lossy.label, isOrdered: false, maxRetransmits: 0, now: now)
        connection.openChannel(label: DataChannelKind.dataTrack.label, isOrdered: false, maxRetransmits: 0, now: now)
    }

    var connection: PeerConnection { session.connection }
    private var room: RoomForwarder { participant.room }
    var sid: ParticipantSID { participant.sid }
    var now: MediaInstant { room.core.now }
    var usesPackedStreamID: Bool { participant.options.usesPackedStreamID }

    // MARK: Negotiation

    func negotiateIfNeeded() {
        guard connection.negotiationState == .stable, connection.needsNegotiation else { return }
        do {
            let offer = try connection.createOffer(now: now)
            session.update()
            offerID &+= 1
            offeredAt = now
            var named: [String: String] = [:]
            for (sid, track) in participant.downTracks {
                if let mid = track.mid { named[mid] = sid.rawValue }
            }
            room.emit(.offer(participant.sid, sdp: offer, id: offerID, midToTrackID: named))
            room.emitCandidates(of: connection, participant: participant.sid, target: .subscriber)
        } catch {
            fail(error)
        }
    }

    /// Takes the answer to the newest offer. Clients that know no ids send 0.
    func applyAnswer(_ sdp: String, id: UInt32) {
        guard connection.negotiationState == .haveLocalOffer, id == 0 || id == offerID else { return }
        offeredAt = nil
        do {
            try connection.applyRemoteAnswer(sdp, now: now)
            session.update()
            for track in participant.downTracks.values { track.connectionChanged() }
            room.scheduleNegotiation(of: participant.sid)
        } catch {
            connection.rollback()
            fail(error)
        }
    }

    func negotiationTimeout(now: MediaInstant) {
        guard let offered = offeredAt, now - offered >= Self.answerTimeout else { return }
        offeredAt = nil
        connection.rollback()
        room.emit(.negotiationFailed(participant.sid, .subscriber, reason: "the offer was not answered"))
    }

    private func fail(_ error: any Error) {
        room.emit(.negotiationFailed(participant.sid, .subscriber, reason: String(describing: error)))
    }

    func scheduleNegotiation() { room.scheduleNegotiation(of: participant.sid) }

    // MARK: Tracks and data

    func register(_ track: DownTrack, ssrc: SSRC) { downTracks[ssrc] = track }
    func unregister(ssrc: SSRC) { downTracks[ssrc] = nil }

    func send(_ bytes: [UInt8], kind: DataChannelKind) {
        guard let channel = connection.channel(labelled: kind.label) else { return }
        if kind != .reliable, connection.bufferedAmount(of: channel) > Self.lossyBacklog { return }
        // A full or closing channel: the peer is gone or hopelessly slow; its own timeouts end it.
        try? connection.send(bytes, on: channel, now: now)
        session.update()
    }

    // MARK: PeerConnectionObserver

    func peerConnection(_ connection: PeerConnection, didReceive packet: InboundPacket) {}

    func peerConnection(_ connection: PeerConnection, didReceive feedback: OutboundFeedback) {
        switch feedback {
        case .lost(let ssrc, let numbers): downTracks[ssrc]?.retransmit(numbers)
        case .keyframeRequest(let ssrc): downTracks[ssrc]?.requestKeyframe()
        case .report, .bandwidth: break
        }
    }

    func peerConnection(_ connection: PeerConnection, didReport event: PeerConnectionEvent) {
        switch event {
        case .stateChanged(let state):
            if let state = PeerConnectionState(state) {
                room.emit(.connectionState(participant.sid, .subscriber, state))
            }
            if state == .connected {
                for track in participant.downTracks.values { track.connectionChanged() }
            }
        case .channelOpened(_, let label):
            room.emit(.dataChannelOpened(participant.sid, DataChannelKind(label: label)))
        case .message(_, let label, let bytes, _):
            room.emit(.data(participant.sid, DataChannelKind(label: label), bytes))
        case .channelClosed, .bufferedAmountLow:
            break
        }
    }
}

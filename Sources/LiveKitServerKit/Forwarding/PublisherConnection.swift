internal import LiveKitCore
internal import LiveKitRTC
internal import LiveKitRTCTransport

/// The connection that a client offers and sends its tracks by. Where it is the only one, what it is sent goes the same
/// way, and is the affair of the ``SubscriberConnection`` that shares it.
final class PublisherConnection: PeerConnectionObserver {
    let session: PeerSession
    private unowned let participant: ForwardedParticipant
    /// Which track comes in by a section.
    private var tracksByMID: [String: TrackSID] = [:]
    private var midToTrackCID: [String: String] = [:]
    private var counted = ConnectionTally()
    /// Whether the client has offered anything yet.
    private(set) var hasOffer = false

    init(participant: ForwardedParticipant) {
        self.participant = participant
        let room = participant.room
        let options = participant.options
        let isSingle = options.usesSinglePeerConnection
        let capabilities: MediaCapabilities = isSingle ? .liveKitServerSingle : .liveKitServerPublisher
        var codecs = options.publishCodecs
        // What is not to be published the other half still may have to send.
        if isSingle, let sent = options.subscribeCodecs { codecs?.formUnion(sent) }
        // RED is not taken: it would have to be unwrapped for subscribers without it.
        session = room.environment.makeSession(
            core: room.core, isOfferer: false,
            capabilities: capabilities.removing(codecs: ["red"]).keeping(codecs: codecs), options: options,
            sendsMedia: isSingle)
        session.connection.observer = self
    }

    private var connection: PeerConnection { session.connection }
    private var room: RoomForwarder { participant.room }
    /// The half that sends, where it shares this connection.
    private var sharing: SubscriberConnection? {
        participant.options.usesSinglePeerConnection ? participant.subscriber : nil
    }

    func applyOffer(_ sdp: String, id: UInt32, midToTrackCID: [String: String]) {
        do {
            let offer = try connection.applyRemoteOffer(sdp, now: room.core.now)
            hasOffer = true
            for section in offer.sections {
                if let cid = midToTrackCID[section.mid] { self.midToTrackCID[section.mid] = cid }
            }
            bind(offer.sections)
            for section in offer.sections where section.kind == .audio { preferAudio(section.mid) }
            let answer = try connection.createAnswer(now: room.core.now)
            session.update()
            let named = sharing?.sentTracks.mapValues(\.rawValue) ?? [:]
            room.emit(.answer(participant.sid, sdp: answer, id: id, midToTrackID: named))
            sharing?.offerAnswered()
            endStoppedTracks()
            room.emitCandidates(of: connection, participant: participant.sid, target: .publisher)
        } catch {
            connection.rollback()
            room.emit(.negotiationFailed(participant.sid, .publisher, reason: String(describing: error)))
        }
    }

    /// A track may be announced after the offer that carries it.
    func bindSections() {
        for section in connection.negotiated?.sections ?? [] where tracksByMID[section.mid] == nil {
            bind(mid: section.mid, trackID: section.remote?.trackID)
        }
    }

    /// A section that the client stopped sending by ends its track; the mid may carry another one later.
    private func endStoppedTracks() {
        let receiving = Set(
            connection.negotiated?.sections.filter { !$0.isRejected && $0.direction.receives }.map(\.mid) ?? [])
        for (mid, track) in tracksByMID where !receiving.contains(mid) {
            tracksByMID[mid] = nil
            midToTrackCID[mid] = nil
            room.emit(.trackEnded(track))
        }
    }

    private func bind(_ sections: [RemoteOffer.Section]) {
        for section in sections where section.direction.sends {
            bind(mid: section.mid, trackID: section.remote.trackID)
        }
    }

    private func bind(mid: String, trackID: String?) {
        let named = midToTrackCID[mid].flatMap { participant.expected[$0] }
        guard let track = named ?? trackID.flatMap({ participant.expected[$0] }) else { return }
        tracksByMID[mid] = track.sid
    }

    /// Opus as the publisher announced it (features of `add_track`).
    private func preferAudio(_ mid: String) {
        guard let sid = tracksByMID[mid], let track = room.tracks[sid]?.announcement else { return }
        var parameters: [String] = []
        if track.isStereo { parameters.append("stereo=1;sprop-stereo=1;maxaveragebitrate=510000") }
        if !track.disablesDTX { parameters.append("usedtx=1") }
        guard !parameters.isEmpty else { return }
        let changes = FormatParameters(parameters.joined(separator: ";"))
        connection.setPreferences(SectionPreferences(formatParameters: ["opus": changes]), forMID: mid)
    }

    func takeTally() -> MediaTally { counted.take(connection.statistics) }

    // MARK: PeerConnectionObserver

    func peerConnection(_ connection: PeerConnection, didReceive packet: InboundPacket) {
        if let layer = packet.stream.attachment as? UpstreamLayer {
            layer.receive(packet)
            room.scheduleEnd()
            return
        }
        guard let sid = tracksByMID[packet.stream.mid], let track = room.tracks[sid] else { return }
        track.addLayer(for: packet.stream, connection: connection)
        (packet.stream.attachment as? UpstreamLayer)?.receive(packet)
        room.scheduleEnd()
    }

    func peerConnection(_ connection: PeerConnection, didReceive feedback: OutboundFeedback) {
        sharing?.peerConnection(connection, didReceive: feedback)
    }

    func peerConnection(_ connection: PeerConnection, didReport event: PeerConnectionEvent) {
        switch event {
        case .stateChanged(let state):
            if let state = PeerConnectionState(state) {
                room.emit(.connectionState(participant.sid, .publisher, state))
            }
            sharing?.connectionStateChanged(state)
        case .channelOpened(_, let label):
            participant.channelOpened(label: label, by: session)
        case .message(_, let label, let bytes, _):
            room.receiveData(bytes, label: label, from: participant.sid)
        case .allowanceChanged(let allowance):
            sharing?.allowanceChanged(allowance)
        case .channelClosed(_, let label):
            participant.channelClosed(label: label, by: session)
        case .bufferedAmountLow:
            break
        }
    }
}

internal import LiveKitCore
internal import LiveKitRTC
internal import LiveKitRTCTransport

/// One of a participant's peer connections with the streams that go through it. Confined to the media loop.
///
/// As observer it takes packets one by one into jitter buffers; what they give out is handed on once for each turn
/// of the loop. As a session without a socket it has the loop's timers for the jitter buffers.
final class PeerTransport: PeerConnectionObserver, MediaSession, TurnEnding {
    let connection: PeerConnection
    let role: TransportRole
    unowned let core: MediaLoopCore

    private let session: PeerSession
    private let bases: [TransportAddress]
    /// Whether relays are the only ways.
    private let isRelayed: Bool
    private let events: AsyncStream<TransportEvent>.Continuation
    private var timerIndex: Int?
    private var isTurnAsked = false
    private(set) var senders: [TransceiverID: any MediaSender] = [:]
    private var senderBySSRC: [SSRC: any MediaSender] = [:]
    var receivers: [String: any MediaReceiver] = [:]
    private var receiverBySSRC: [SSRC: any MediaReceiver] = [:]
    private var earlyCandidates: [String] = []
    private var nextOfferID: UInt32 = 1
    /// Events that found their queue full.
    private(set) var droppedEvents = 0

    /// A timer alone has no socket.
    private static let noSocket = -1

    init(
        _ configuration: PeerConnectionConfiguration, core: MediaLoopCore, sockets: ClientSockets, isRelayed: Bool,
        events: AsyncStream<TransportEvent>.Continuation
    ) {
        self.core = core
        self.events = events
        self.isRelayed = isRelayed
        bases = sockets.bases
        role = configuration.isOfferer ? .publisher : .subscriber
        session = PeerSession(
            configuration, core: core, socket: sockets.ipv4, ipv6Socket: sockets.ipv6, sharesSocket: false)
        connection = session.connection
        connection.observer = self
        session.onCandidate = { [unowned self] in report(.candidate(role, $0)) }
        timerIndex = core.add(self, socket: Self.noSocket, ufrag: nil)
    }

    func close() {
        connection.observer = nil
        session.close()
        if let timerIndex { core.removeSession(timerIndex, socket: Self.noSocket) }
        timerIndex = nil
        senders = [:]
        senderBySSRC = [:]
        receivers = [:]
        receiverBySSRC = [:]
    }

    /// Asks STUN servers how they see our sockets, and TURN servers for relayed addresses.
    func gather(from servers: GatheringPlan.Servers) {
        if !isRelayed { session.gatherReflexive(from: servers.stun, bases: bases) }
        session.gatherRelays(from: servers.relays, hidesMappedAddress: isRelayed)
    }

    private func report(_ event: TransportEvent) {
        if case .dropped = events.yield(event) { droppedEvents &+= 1 }
    }

    // MARK: Timers of the jitter buffers

    var deadline: MediaInstant? {
        receivers.values.reduce(nil) { .earliest($0, $1.deadline) }
    }

    func receive(
        _ datagram: UnsafeMutableRawBufferPointer, from remote: TransportAddress, now: MediaInstant
    ) -> Bool {
        false
    }

    func handleTimeout(now: MediaInstant) {
        for receiver in receivers.values { receiver.drain(now: now, connection: connection) }
    }

    func finishTurn(now: MediaInstant) {
        isTurnAsked = false
        for receiver in receivers.values { receiver.drain(now: now, connection: connection) }
        if let timerIndex { core.reschedule(timerIndex) }
    }

    // MARK: PeerConnectionObserver

    func peerConnection(_ connection: PeerConnection, didReceive packet: InboundPacket) {
        guard let receiver = receiver(of: packet.stream) else { return }
        receiver.receive(packet)
        guard !isTurnAsked else { return }
        isTurnAsked = true
        core.finishTurn(with: self)
    }

    private func receiver(of stream: InboundStream) -> (any MediaReceiver)? {
        if let known = receiverBySSRC[stream.ssrc], known.mid == stream.mid { return known }
        guard let receiver = receivers[stream.mid] else { return nil }
        receiver.begin(stream)
        receiverBySSRC[stream.ssrc] = receiver
        return receiver
    }

    func peerConnection(_ connection: PeerConnection, didReceive feedback: OutboundFeedback) {
        switch feedback {
        case .lost(let ssrc, let missing): senderBySSRC[ssrc]?.retransmit(missing, of: ssrc, through: self)
        case .keyframeRequest(let ssrc): senderBySSRC[ssrc]?.requestKeyframe(of: ssrc)
        case .report(let block): senderBySSRC[block.ssrc]?.receive(block)
        case .bandwidth: break
        }
    }

    func peerConnection(_ connection: PeerConnection, didReport event: PeerConnectionEvent) {
        switch event {
        case .stateChanged(let state): report(.stateChanged(role, state))
        case .channelOpened(_, let label): report(.channelOpened(role, label: label))
        case .message(_, let label, let bytes, _): report(.message(label: label, bytes))
        case .allowanceChanged(let allowance): distribute(allowance)
        case .channelClosed, .bufferedAmountLow: break
        }
    }
}

// MARK: - Signalling

extension PeerTransport {
    /// The server's offer in, our answer out, with the sections by which it sends from now on.
    func answer(_ offer: String) throws -> (sdp: String, sections: [ReceivedSection]) {
        _ = try connection.applyRemoteOffer(offer, now: core.now)
        let answer = try connection.createAnswer(now: core.now)
        addEarlyCandidates()
        session.update()
        let sections = receivedSections
        for (mid, _) in receivers where !sections.contains(where: { $0.mid == mid }) { endReceiver(mid: mid) }
        return (answer, sections)
    }

    private var receivedSections: [ReceivedSection] {
        (connection.negotiated?.sections ?? []).compactMap { section in
            guard let remote = section.remote, let trackID = remote.trackID else { return nil }
            return ReceivedSection(
                mid: section.mid, kind: section.kind, streamID: remote.streamID ?? "", trackID: trackID)
        }
    }

    /// An offer of everything that was added, with the number that its answer must echo.
    func offer() throws -> (sdp: String, id: UInt32, tracks: [String: String]) {
        let sdp = try connection.createOffer(now: core.now)
        session.update()
        defer { nextOfferID &+= 1 }
        var tracks: [String: String] = [:]
        for (id, sender) in senders {
            if let mid = connection.mid(of: id) { tracks[mid] = sender.clientID }
        }
        return (sdp, nextOfferID, tracks)
    }

    func applyAnswer(_ answer: String) throws {
        try connection.applyRemoteAnswer(answer, now: core.now)
        addEarlyCandidates()
        session.update()
        for section in connection.negotiated?.sections ?? [] {
            guard let id = section.transceiver else { continue }
            senders[id]?.negotiated(section, localTime: core.now)
        }
        distribute()
    }

    func addCandidate(_ candidate: String) {
        guard connection.negotiated != nil else {
            if earlyCandidates.count < ClientMediaLimits.earlyCandidates { earlyCandidates.append(candidate) }
            return
        }
        connection.addRemoteCandidate(candidate, now: core.now)
        session.update()
    }

    private func addEarlyCandidates() {
        for candidate in earlyCandidates { connection.addRemoteCandidate(candidate, now: core.now) }
        earlyCandidates = []
    }
}

// MARK: - Streams and channels

extension PeerTransport {
    func add(_ sender: any MediaSender, parameters: SenderParameters) throws -> TransceiverID {
        let id = try connection.addTransceiver(sender.kind, direction: .sendonly, sender: parameters)
        senders[id] = sender
        for stream in sender.streams {
            connection.add(stream)
            senderBySSRC[stream.ssrc] = sender
        }
        distribute()
        return id
    }

    func removeSender(_ id: TransceiverID) throws {
        guard let sender = senders.removeValue(forKey: id) else { return }
        for stream in sender.streams {
            connection.remove(stream)
            senderBySSRC[stream.ssrc] = nil
        }
        distribute()
        try connection.stopSending(id)
    }

    /// To be called after packets were sent: they may wait for their time.
    func didSend() {
        session.update()
    }

    func setReceiver(_ receiver: any MediaReceiver) {
        endReceiver(mid: receiver.mid)
        receivers[receiver.mid] = receiver
    }

    func endReceiver(mid: String) {
        receivers[mid] = nil
        receiverBySSRC = receiverBySSRC.filter { $0.value.mid != mid }
    }

    /// Makes `_reliable` and `_lossy`; they open once the connection stands.
    func openDataChannels() {
        connection.openChannel(label: DataChannelLabel.reliable, isOrdered: true, now: core.now)
        connection.openChannel(label: DataChannelLabel.lossy, isOrdered: false, maxRetransmits: 0, now: core.now)
    }

    func send(_ message: [UInt8], label: String) throws(SCTPSendError) {
        guard let channel = connection.channel(labelled: label) else { throw .closed }
        try connection.send(message, on: channel, now: core.now)
        session.update()
    }
}

/// LiveKit's data channels.
enum DataChannelLabel {
    static let reliable = "_reliable"
    static let lossy = "_lossy"
}

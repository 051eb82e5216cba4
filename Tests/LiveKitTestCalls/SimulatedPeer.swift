package import LiveKitCore
package import LiveKitRTC
package import LiveKitTestSupport

/// One side of a simulated call: a peer connection on a host, with an encoder's and a player's worth of packets.
package final class SimulatedPeer: SimulatedEndpoint, PeerConnectionObserver {
    package let host: SimulatedNetwork.HostID
    package let port: UInt16
    package let connection: PeerConnection
    package private(set) var states: [(at: MediaInstant, state: PeerConnection.State)] = []
    package private(set) var openChannels: [String] = []
    package private(set) var messages: [(label: String, bytes: [UInt8])] = []
    package private(set) var keyframeRequests = 0
    /// What the other side's flows brought here, by SSRC.
    package private(set) var received: [SSRC: ReceivedFlow] = [:]
    package private(set) var flows: [MediaFlow] = []
    /// Told of every message on top of its being kept in ``messages``, or instead where that is off.
    package var onMessage: ((String, [UInt8]) -> Void)?
    package var keepsMessages = true

    /// The TURN server that it uses, if it does.
    package private(set) var relay: SimulatedRelay?
    /// Takes candidates that gathering adds, to the other side.
    var onCandidate: ((String) -> Void)?
    /// Candidates of the other side's that signalling has brought.
    private var trickled: [String] = []
    /// What congestion control said last.
    package private(set) var allowance: SendAllowance?
    package private(set) var bandwidthReports = 0
    /// Whether flows and probes follow congestion control; else the test says what is sent.
    package var followsAllowance = true

    private let batch = DatagramBatch(capacity: 512)
    private var random: DeterministicRandom
    private var transportSequence: UInt16 = 0
    private var transceivers: [(flow: MediaFlow, id: TransceiverID)] = []
    private var now = MediaInstant.start
    /// The connection's deadline, asked for again whenever the connection was called.
    private var connectionDeadline: MediaInstant?

    init(
        host: SimulatedNetwork.HostID, port: UInt16, configuration: PeerConnectionConfiguration, seed: UInt64,
        now: MediaInstant
    ) {
        self.host = host
        self.port = port
        random = DeterministicRandom(seed: seed)
        connection = PeerConnection(configuration, output: batch, socket: 0, now: now)
        connection.observer = self
        connectionDeadline = connection.deadline
    }

    // MARK: Media

    /// Adds a flow to the next description.
    @discardableResult
    package func add(_ shape: MediaFlow.Shape) throws -> MediaFlow {
        let flow = MediaFlow(shape, connection: connection, random: &random)
        flows.append(flow)
        let id = try connection.addTransceiver(
            shape.kind, direction: .sendrecv,
            sender: SenderParameters(
                streamID: "PA_simulated", trackID: "TR_\(flows.count)", cname: connection.canonicalName,
                encodings: [.init(ssrc: flow.outbound.ssrc, rtxSSRC: flow.rtxSSRC)], codecs: [flow.codecName]))
        transceivers.append((flow, id))
        return flow
    }

    package func openChannel(_ label: String, isOrdered: Bool = true, maxRetransmits: UInt32? = nil, now: MediaInstant)
    {
        connection.openChannel(label: label, isOrdered: isOrdered, maxRetransmits: maxRetransmits, now: now)
        connectionDeadline = connection.deadline
    }

    /// Sends a message on an open channel.
    package func send(_ message: [UInt8], on label: String, now: MediaInstant) throws {
        guard let channel = connection.channel(labelled: label) else { throw SCTPSendError.closed }
        try connection.send(message, on: channel, now: now)
        connectionDeadline = connection.deadline
    }

    package func startMedia(now: MediaInstant) {
        self.now = now
        if let allowance = connection.allowance(now: now) { follow(allowance) }
        for flow in flows { flow.start(now: now) }
    }

    package func stopMedia() {
        for flow in flows { flow.stop() }
    }

    /// Measures gaps of everything that comes in from now on.
    package func watchGaps(now: MediaInstant) {
        for ssrc in received.keys { received[ssrc]?.watchGaps(now: now) }
    }

    /// The longest silence of any flow since ``watchGaps(now:)``.
    package func longestSilence(now: MediaInstant) -> MediaDuration {
        received.values.map { $0.silence(now: now) }.max() ?? (now - .start)
    }

    /// What arrived of the other side's flow.
    package func reception(of flow: MediaFlow) -> ReceivedFlow {
        received[flow.outbound.ssrc] ?? ReceivedFlow()
    }

    /// To be called when an exchange of descriptions is complete.
    func didNegotiate() {
        for (flow, id) in transceivers {
            let section = connection.negotiated?.sections.first { $0.transceiver == id && !$0.isRejected }
            if let section { flow.configure(section) }
        }
        connectionDeadline = connection.deadline
    }

    func takeTransportSequence() -> UInt16 {
        transportSequence &+= 1
        return transportSequence
    }

    var isBacklogged: Bool { allowance?.isBacklogged ?? false }

    /// Shares what may be sent out among the flows that follow.
    private func follow(_ allowance: SendAllowance) {
        self.allowance = allowance
        guard followsAllowance else { return }
        let adaptive = flows.filter { $0.shape.maximum != nil }
        let reserved = flows.filter { $0.shape.maximum == nil && $0.isNumbered }
            .reduce(Bitrate.zero) { $0 + $1.demand.maximum }
        let shares = BitrateSharing.share(allowance.media - reserved, among: adaptive.map(\.demand))
        for (flow, share) in zip(adaptive, shares) {
            flow.rate = BitrateSharing.payload(of: share, framesPerSecond: flow.shape.framesPerSecond)
        }
        connection.setDemand(
            adaptive.reduce(reserved) { $0 + $1.demand.maximum }, now: now)
    }

    // MARK: SimulatedEndpoint

    package var deadline: MediaInstant? {
        var earliest = MediaInstant.earliest(connectionDeadline, relay?.deadline)
        if !trickled.isEmpty { earliest = .earliest(earliest, now) }
        for flow in flows { earliest = .earliest(earliest, flow.nextFrameAt) }
        return earliest
    }

    package func receive(_ delivery: inout SimulatedNetwork.Delivery, now: MediaInstant) {
        self.now = now
        if let relay, delivery.destination.port == relay.port, delivery.source == relay.client.server {
            relay.receive(&delivery.bytes, now: now)
            connectionDeadline = connection.deadline
        }
        guard delivery.destination.port == port else { return }
        let source = delivery.source
        unsafe delivery.bytes.withUnsafeMutableBytes { buffer in
            _ = unsafe connection.receive(buffer, from: source, now: now)
        }
        connectionDeadline = connection.deadline
    }

    package func handleTimeout(now: MediaInstant) {
        self.now = now
        if relay?.deadline.map({ $0 <= now }) ?? false { relay?.handleTimeout(now: now) }
        for candidate in trickled { connection.addRemoteCandidate(candidate, now: now) }
        trickled = []
        for flow in flows { flow.send(through: self, now: now) }
        connectionDeadline = connection.deadline
        if connectionDeadline.map({ $0 <= now }) ?? false { connection.handleTimeout(now: now) }
        connectionDeadline = connection.deadline
    }

    package func flush(into network: inout SimulatedNetwork) {
        let source = TransportAddress(ipv4: 0, port: port)
        for entry in batch.entries {
            if entry.socket == SimulatedRelay.socket {
                sendThroughRelay(entry, into: &network)
                continue
            }
            network.send(unsafe Array(batch.bytes(of: entry)), from: host, source: source, to: entry.destination)
        }
        batch.removeAll()
        guard let relay, let server = relay.client.server else { return }
        for bytes in relay.takeTransmits() {
            network.send(bytes, from: host, source: TransportAddress(ipv4: 0, port: relay.port), to: server)
        }
    }

    private func sendThroughRelay(_ entry: DatagramBatch.Entry, into network: inout SimulatedNetwork) {
        guard let relay, let server = relay.client.server,
            let bytes = unsafe relay.wrap(
                batch.slot(of: entry), count: entry.length, to: entry.destination, now: now)
        else { return }
        network.send(bytes, from: host, source: TransportAddress(ipv4: 0, port: relay.port), to: server)
    }

    /// Asks a TURN server for a relayed address, which the other side is told of.
    package func useRelay(at server: TransportAddress, seed: UInt64, now: MediaInstant) {
        relay = SimulatedRelay(server: server, connection: connection, seed: seed, now: now) { [unowned self] in
            onCandidate?($0)
        }
    }

    /// Signalling brings a candidate of the other side's.
    func trickle(_ candidate: String) {
        trickled.append(candidate)
    }

    /// To be called after the connection was called from outside.
    package func touch() {
        connectionDeadline = connection.deadline
    }

    // MARK: PeerConnectionObserver

    package func peerConnection(_ connection: PeerConnection, didReceive packet: InboundPacket) {
        let payload = unsafe packet.payload
        guard payload.count >= 4 else { return }
        let number = unsafe UInt32(bigEndian: payload.loadUnaligned(as: UInt32.self))
        received[packet.stream.ssrc, default: ReceivedFlow()].note(Int(number), now: packet.now)
    }

    package func peerConnection(_ connection: PeerConnection, didReceive feedback: OutboundFeedback) {
        switch feedback {
        case .lost(let ssrc, let numbers):
            for flow in flows where flow.outbound.ssrc == ssrc {
                flow.retransmit(numbers, through: self, now: now)
            }
        case .keyframeRequest: keyframeRequests += 1
        case .bandwidth: bandwidthReports += 1
        default: break
        }
    }

    package func peerConnection(_ connection: PeerConnection, didReport event: PeerConnectionEvent) {
        switch event {
        case .stateChanged(let state): states.append((now, state))
        case .channelOpened(_, let label): openChannels.append(label)
        case .message(_, let label, let bytes, _):
            onMessage?(label, bytes)
            if keepsMessages { messages.append((label, bytes)) }
        case .allowanceChanged(let allowance): follow(allowance)
        default: break
        }
    }
}

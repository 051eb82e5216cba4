package import LiveKitCore

/// One WebRTC peer connection: ICE, DTLS, SRTP, SCTP, RTP reception and RTCP over one bundled transport.
///
/// It composes the machines and owns none of their rules. Bytes and `now` go in; datagrams are written to
/// ``output`` for the driver's socket, media and events go to ``observer`` at once, and ``deadline`` tells when
/// to call ``handleTimeout(now:)``. Confined to one media loop; not Sendable.
///
/// ```
///   datagram ─► first byte (RFC 7983) ─┬─ 0…3    ICEAgent
///                                      ├─ 20…63  DTLSTransport ─► SCTPAssociation ─► channels
///                                      └─ 128…191 SRTPReceiver ─┬─► InboundStream ─► observer
///               only from a path that ICE verified ◄────────────┴─► RTCP ─► streams, observer
/// ```
package final class PeerConnection {
    /// ICE and DTLS together, as W3C's RTCPeerConnectionState.
    package enum State: Hashable, Sendable { case new, connecting, connected, disconnected, failed, closed }

    package weak var observer: (any PeerConnectionObserver)?
    /// Told of addresses that a check is sent to over UDP and that have not answered yet.
    package var onProbe: ((TransportAddress) -> Void)?
    /// Asked to open a TCP connection to the address; gives the driver's number of its socket.
    package var onDial: ((TransportAddress) -> Int?)?
    /// Asked to resolve the name of a candidate, where ``ICEConfiguration/resolvesNames`` is set.
    package var onResolve: ((String) -> Void)?
    /// Where outgoing datagrams are written.
    package let output: DatagramBatch
    package internal(set) var state: State = .new
    package internal(set) var statistics = PeerConnectionStatistics()

    let configuration: PeerConnectionConfiguration
    var random: DeterministicRandom
    var agent: ICEAgent
    var negotiator: Negotiator
    var dtls: DTLSTransport?
    var sender: (any PacketProtector)?
    var receiver: (any PacketOpener)?
    var sctp: SCTPAssociation?
    var channels: [DataChannelID: String] = [:]
    var pendingChannels: [PendingChannel] = []
    /// Inbound streams by SSRC, retransmission streams apart.
    var inbound: [SSRC: InboundStream] = [:]
    /// Retransmission SSRC → the SSRC it repairs.
    var repairs: [SSRC: SSRC] = [:]
    /// SSRC of repair packets → the SSRC they protect.
    var corrections: [SSRC: SSRC] = [:]
    var outbound: [SSRC: OutboundStream] = [:]
    var sections = SectionTable()
    var transportFeedback = TransportFeedbackGenerator()
    /// The stream that transport-wide feedback names; any will do.
    var feedbackSSRC = SSRC(rawValue: 0)
    /// What the path to us carries, for peers that want to be told.
    var bandwidthEstimator = ReceiveSideBandwidthEstimator()
    /// What we may send, where it is controlled.
    let control: SendControl?
    var reportsDueAt: MediaInstant?
    var reportRotation = ReportRotation()
    var referenceTimes = ReferenceTimeExchange()
    var keyframeCommands = KeyframeCommands()
    /// The sender of our RTCP where no stream of ours is concerned (RFC 3550 §6.4.2 asks for some SSRC).
    let controlSSRC: SSRC
    let cname: String
    /// The last remote address that ICE vouched for: saves asking for each packet.
    var trusted: (remote: TransportAddress, transport: ICETransport)?
    var sockets: PeerSockets
    /// Where the selected path went last: saves finding the socket for each packet.
    var lastRoute: Route?
    var wantsICERestart = false
    /// Whether UDP is described to the peer, and what it describes of it used: from the next description on.
    package var allowsUDP = true

    struct PendingChannel {
        var label: String
        var isOrdered: Bool
        var maxRetransmits: UInt32?
    }

    /// Makes a connection that writes to the loop's batch, under the driver's number of its socket.
    package convenience init(
        _ configuration: PeerConnectionConfiguration, output: DatagramBatch, socket: Int, now: MediaInstant
    ) {
        self.init(configuration, output: output, sockets: PeerSockets(socket), now: now)
    }

    /// Makes a connection that writes to the loop's batch, under the driver's numbers of its sockets.
    package init(
        _ configuration: PeerConnectionConfiguration, output: DatagramBatch, sockets: PeerSockets, now: MediaInstant
    ) {
        self.configuration = configuration
        self.output = output
        self.sockets = sockets
        control = configuration.congestionControl.map { SendControl($0) }
        random = DeterministicRandom(seed: configuration.seed())
        agent = ICEAgent(
            role: configuration.isOfferer ? .controlling : .controlled, local: configuration.credentials(),
            configuration: configuration.ice, random: DeterministicRandom(seed: configuration.seed()),
            tieBreaker: configuration.seed())
        var negotiation = Negotiator.Configuration(
            capabilities: configuration.effectiveCapabilities, sessionID: configuration.seed() >> 1)
        negotiation.preferredAnswerRole = configuration.preferredAnswerRole
        negotiation.isICELite = configuration.ice.isLite
        negotiation.reusesTransceivers = configuration.reusesTransceivers
        negotiator = Negotiator(configuration: negotiation)
        controlSSRC = SSRC(rawValue: UInt32(truncatingIfNeeded: random.next()) | 1)
        cname = String(random.next(), radix: 36)
        for address in configuration.hostAddresses {
            agent.addLocalCandidate(ICECandidate(host: address, transport: .udp), now: now)
        }
        for candidate in configuration.candidates { agent.addLocalCandidate(candidate, now: now) }
    }

    /// Our side's ICE username fragments, by which a shared socket finds this connection.
    package var localUfrags: [String] { agent.localUfrags }

    /// Round-trip time of the selected path, once measured: by ICE, or by our receiver reports' clocks.
    package var roundTripTime: MediaDuration? { agent.roundTripTime ?? referenceTimes.roundTripTime }

    /// When ``handleTimeout(now:)`` is to be called next.
    package var deadline: MediaInstant? {
        guard state != .closed else { return nil }
        var earliest = MediaInstant.earliest(agent.deadline, dtls?.deadline)
        earliest = .earliest(earliest, sctp?.deadline)
        earliest = .earliest(earliest, reportsDueAt)
        guard sender != nil else { return earliest }
        earliest = .earliest(earliest, transportFeedback.deadline)
        if sections.feedback == .estimate { earliest = .earliest(earliest, bandwidthEstimator.deadline) }
        if let control { earliest = .earliest(earliest, control.deadline(canSend: canSend)) }
        for stream in inbound.values { earliest = .earliest(earliest, stream.losses.deadline) }
        for stream in outbound.values { earliest = .earliest(earliest, stream.correction?.machine.deadline) }
        return earliest
    }

    /// Does what is due. Spurious calls do no harm.
    package func handleTimeout(now: MediaInstant) {
        guard state != .closed else { return }
        agent.handleTimeout(now: now)
        dtls?.handleTimeout(now: now)
        sctp?.handleTimeout(now: now)
        sendDueFeedback(now: now)
        sendDueCorrections(now: now)
        advanceCongestion(now: now)
        drain(now: now)
    }

    /// Ends the connection: tells the peer, then falls silent.
    package func close(now: MediaInstant) {
        guard state != .closed else { return }
        dtls?.close()
        drainDTLS(now: now)
        agent.close()
        state = .closed
    }

    /// Carries outputs from machine to machine until none has any left.
    func drain(now: MediaInstant) {
        drainICE(now: now)
        drainDTLS(now: now)
        drainSCTP(now: now)
        drainDTLS(now: now)
    }

    func change(to next: State) {
        guard state != next, state != .closed else { return }
        state = next
        observer?.peerConnection(self, didReport: .stateChanged(next))
    }
}

package import LiveKitCore
package import LiveKitRTC
internal import LiveKitTestClock
package import LiveKitTestSupport

/// A call of two peers with real ICE, DTLS, SRTP, SCTP and RTP over a simulated network, on simulated time.
///
/// Signalling is a function call: descriptions arrive at once and never get lost.
package final class SimulatedCall {
    /// What the call is made of.
    package struct Configuration {
        package var seed: UInt64
        /// Half of the round trip.
        package var delay: MediaDuration = .milliseconds(25)
        /// Put on both hosts' uplinks; its delay is added to ``delay``.
        package var conditions = LinkConditions.ideal
        package var leftNAT: NATBehaviour?
        package var rightNAT: NATBehaviour?
        package var usesIPv6 = false
        /// Whether each side has a TURN server, and asks it for a relayed address.
        package var usesRelays = false
        /// Whether SRTP protects packets, or nothing does: DTLS is real in both cases.
        package var protectsPackets = true
        package var capabilities = MediaCapabilities.liveKitClient
        /// The flows that both sides send.
        package var flows: [MediaFlow.Shape] = []
        /// The flows of the right side, where they are others.
        package var rightFlows: [MediaFlow.Shape]?
        /// Applied to both sides' configuration.
        package var adjust: ((inout PeerConnectionConfiguration) -> Void)?
        package var traceCapacity = 64

        package init(seed: UInt64) {
            self.seed = seed
        }
    }

    package let simulation: Simulation
    /// The offerer, which controls ICE. Behind ``leftNAT`` if there is one.
    package let left: SimulatedPeer
    package let right: SimulatedPeer
    package let leftNAT: SimulatedNetwork.NATID?
    package let rightNAT: SimulatedNetwork.NATID?
    package let seed: UInt64
    /// The TURN servers of left and right, where there are any.
    package private(set) var turnServers: [SimulatedTURNServer] = []

    /// Made once: keys do not matter to what is simulated, and making them takes a millisecond each. Both sides have
    /// one of their own.
    private static let certificates = Result { (left: try DTLSCertificate(), right: try DTLSCertificate()) }

    package init(_ configuration: Configuration) throws {
        seed = configuration.seed
        var network = SimulatedNetwork(seed: configuration.seed, traceCapacity: configuration.traceCapacity)
        var uplink = configuration.conditions
        uplink.delay = uplink.delay + configuration.delay
        let first = Self.addSite(
            1, named: "left", to: &network, nat: configuration.leftNAT, usesIPv6: configuration.usesIPv6,
            uplink: uplink)
        let second = Self.addSite(
            2, named: "right", to: &network, nat: configuration.rightNAT, usesIPv6: configuration.usesIPv6,
            uplink: uplink)
        leftNAT = first.nat
        rightNAT = second.nat
        let certificates = try Self.certificates.get()
        func peer(
            _ site: (host: SimulatedNetwork.HostID, nat: SimulatedNetwork.NATID?), certificate: DTLSCertificate,
            isOfferer: Bool, salt: UInt64
        ) -> SimulatedPeer {
            let port: UInt16 = 5000
            let seed = configuration.seed &* 0x9E37_79B9_7F4A_7C15 ^ salt
            let bytes = EntropyBox(SeededBytes(seed: seed))
            var options = PeerConnectionConfiguration(
                isOfferer: isOfferer, certificate: certificate, capabilities: configuration.capabilities,
                hostAddresses: network.addresses(of: site.host).map { $0.with(port: port) },
                entropy: bytes.next, wallClockOffset: 1_700_000_000_000_000_000)
            if !configuration.protectsPackets { options.makeProtection = { UnprotectedPackets.both($0) } }
            options.isGatheringComplete = !configuration.usesRelays
            configuration.adjust?(&options)
            return SimulatedPeer(
                host: site.host, port: port, configuration: options, seed: seed, now: network.now)
        }
        lk_test_clock_set(0)
        left = peer(first, certificate: certificates.left, isOfferer: true, salt: 1)
        right = peer(second, certificate: certificates.right, isOfferer: false, salt: 2)
        simulation = Simulation(network)
        simulation.onTime = { lk_test_clock_set($0.nanoseconds) }
        simulation.add(left)
        simulation.add(right)
        if configuration.usesRelays { addRelays() }
        lk_test_clock_clear()
        for shape in configuration.flows { try left.add(shape) }
        for shape in configuration.rightFlows ?? configuration.flows { try right.add(shape) }
    }

    private func addRelays() {
        left.onCandidate = { [unowned right] in right.trickle($0) }
        right.onCandidate = { [unowned left] in left.trickle($0) }
        for (number, peer) in zip(UInt32(9)..., [left, right]) {
            let address = TransportAddress(ipv4: 0xC633_6400 | number, port: 0)
            let host = simulation.network.addHost("turn\(number)", addresses: [address])
            let server = SimulatedTURNServer(
                host: host, address: address, peers: AddressBlock("198.51.100.0/24"), seed: seed &+ UInt64(number))
            simulation.add(server)
            turnServers.append(server)
            peer.useRelay(at: server.address, seed: seed &* 31 &+ UInt64(number), now: now)
        }
    }

    private static func addSite(
        _ number: UInt32, named name: String, to network: inout SimulatedNetwork, nat behaviour: NATBehaviour?,
        usesIPv6: Bool, uplink: LinkConditions
    ) -> (host: SimulatedNetwork.HostID, nat: SimulatedNetwork.NATID?) {
        let outside =
            usesIPv6
            ? TransportAddress(ipv6High: 0x2001_0DB8_0000_0000, low: UInt64(number), port: 0)
            : TransportAddress(ipv4: 0xC633_6400 | number, port: 0)
        let inside =
            usesIPv6
            ? TransportAddress(ipv6High: 0xFD00_0000_0000_0000, low: UInt64(number), port: 0)
            : TransportAddress(ipv4: 0xC0A8_0102, port: 0)
        let nat = behaviour.map { network.addNAT($0, addresses: [outside]) }
        let host = network.addHost(name, addresses: [nat == nil ? outside : inside], behind: nat, uplink: uplink)
        return (host, nat)
    }

    package var now: MediaInstant { simulation.now }

    // MARK: Signalling

    /// Offer and answer, left to right; `tamper` may change the offer on its way.
    package func negotiate(tamper: (String) -> String = { $0 }) throws {
        try onSimulatedTime {
            let offer = tamper(try left.connection.createOffer(now: now))
            _ = try right.connection.applyRemoteOffer(offer, now: now)
            let answer = try right.connection.createAnswer(now: now)
            try left.connection.applyRemoteAnswer(answer, now: now)
            left.didNegotiate()
            right.didNegotiate()
        }
    }

    /// Offer now, answer back at the left after `roundTrip`: as over a server.
    package func restartICE(roundTrip: MediaDuration) throws {
        let offer = try onSimulatedTime {
            left.connection.restartICE()
            return try left.connection.createOffer(now: now)
        }
        left.touch()
        run(for: roundTrip / 2)
        let answer = try onSimulatedTime {
            _ = try right.connection.applyRemoteOffer(offer, now: now)
            return try right.connection.createAnswer(now: now)
        }
        right.didNegotiate()
        run(for: roundTrip / 2)
        try onSimulatedTime { try left.connection.applyRemoteAnswer(answer, now: now) }
        left.didNegotiate()
    }

    /// Negotiates a call with one reliable channel, and runs until both sides are connected and see the channel.
    ///
    /// - Returns: How long it took, or `nil` if it did not come about in time.
    @discardableResult
    package func join(within limit: MediaDuration = .seconds(60)) throws -> MediaDuration? {
        let start = now
        onSimulatedTime { left.openChannel("_reliable", now: now) }
        try negotiate()
        let isJoined = run(for: limit) { [self] in
            left.connection.state == .connected && right.connection.state == .connected
                && left.openChannels.contains("_reliable") && right.openChannels.contains("_reliable")
        }
        return isJoined ? now - start : nil
    }

    // MARK: Running

    /// Lets both sides send their flows from now on.
    package func startMedia() {
        left.startMedia(now: now)
        right.startMedia(now: now)
    }

    package func stopMedia() {
        left.stopMedia()
        right.stopMedia()
    }

    @discardableResult
    package func run(for duration: MediaDuration, until condition: () -> Bool = { false }) -> Bool {
        onSimulatedTime { simulation.run(for: duration, until: condition) }
    }

    /// Calls `body` with the thread's clock on the simulation's time.
    @discardableResult
    package func onSimulatedTime<Result>(_ body: () throws -> Result) rethrows -> Result {
        lk_test_clock_set(now.nanoseconds)
        defer { lk_test_clock_clear() }
        return try body()
    }

    /// Changes both directions' conditions, the delay apart.
    package func setConditions(_ conditions: LinkConditions, at instant: MediaInstant? = nil) {
        for peer in [left, right] {
            let link = simulation.network.uplink(of: peer.host)
            var next = conditions
            next.delay = next.delay + simulation.network.conditions(of: link).delay
            simulation.network.setConditions(next, of: link, at: instant)
        }
    }

    /// Where a peer without a NAT is reached.
    package func address(of peer: SimulatedPeer) -> TransportAddress {
        simulation.network.addresses(of: peer.host).first?.with(port: peer.port) ?? TransportAddress(ipv4: 0, port: 0)
    }

    package var trace: NetworkTrace { simulation.network.trace }
}

/// Entropy is asked for on the simulation's one thread.
///
/// `@unchecked Sendable`: the configuration wants a Sendable closure for processes with several loops.
private final class EntropyBox: @unchecked Sendable {
    private let bytes: SeededBytes

    init(_ bytes: SeededBytes) {
        self.bytes = bytes
    }

    func next(_ count: Int) -> [UInt8] { bytes.next(count) }
}

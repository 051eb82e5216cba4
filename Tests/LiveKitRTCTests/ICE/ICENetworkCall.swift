import LiveKitCore
import LiveKitTestSupport

@testable import LiveKitRTC

/// Two ICE parties on a simulated network, each behind a NAT or not, with a STUN server and a relay on the outside.
final class ICENetworkCall {
    struct Options {
        var seed: UInt64
        var leftNAT: NATBehaviour?
        var rightNAT: NATBehaviour?
        var leftRole = ICERole.controlling
        var rightRole = ICERole.controlled
        var usesReflexive = true
        var usesRelay = false
        var conditions = LinkConditions(delay: .milliseconds(25))
        /// Signalling of one candidate.
        var families: [TransportAddress.Family] = [.ipv4]
        var leftICE = ICEConfiguration()
        var rightICE = ICEConfiguration()

        init(seed: UInt64) {
            self.seed = seed
        }
    }

    let simulation: Simulation
    let left: ICEParty
    let right: ICEParty
    let leftNAT: SimulatedNetwork.NATID?
    let rightNAT: SimulatedNetwork.NATID?

    private static let stun = ICECall.address("198.51.100.53", 3478)
    private static let turn = ICECall.address("198.51.100.99", 0)

    init(_ options: Options) {
        var network = SimulatedNetwork(seed: options.seed)
        let sites = [(options.leftNAT, "left", 1), (options.rightNAT, "right", 2)].map { nat, name, number in
            let outside = ICECall.address("203.0.113.\(number)", 0)
            let inside = ICECall.address("192.168.0.\(number)", 0)
            let id = nat.map { network.addNAT($0, addresses: [outside]) }
            var addresses: [TransportAddress] = []
            if options.families.contains(.ipv4) { addresses.append(id == nil ? outside : inside) }
            let host = network.addHost(name, addresses: addresses, behind: id, uplink: options.conditions)
            if options.families.contains(.ipv6) { network.add(ICECall.address("2001:db8::\(number)", 0), to: host) }
            return (host: host, nat: id)
        }
        (leftNAT, rightNAT) = (sites[0].nat, sites[1].nat)
        left = ICEParty(
            sites[0].host, port: 5000, role: options.leftRole, configuration: options.leftICE,
            seed: options.seed &* 3 &+ 1)
        right = ICEParty(
            sites[1].host, port: 6000, role: options.rightRole, configuration: options.rightICE,
            seed: options.seed &* 3 &+ 2)
        let stunHost = network.addHost("stun", addresses: [Self.stun])
        let turnHost = network.addHost("turn", addresses: [Self.turn])
        simulation = Simulation(network)
        simulation.add(left)
        simulation.add(right)
        simulation.add(SimulatedSTUNServer(stunHost, address: Self.stun))
        left.onCandidate = { [unowned self] in deliver($0, to: right) }
        right.onCandidate = { [unowned self] in deliver($0, to: left) }
        start(options, turnHost: turnHost)
    }

    private func start(_ options: Options, turnHost: SimulatedNetwork.HostID) {
        for (number, party) in [left, right].enumerated() {
            for address in simulation.network.addresses(of: party.host) { party.gatherHost(address, now: now) }
            if options.usesReflexive { party.gatherReflexive(from: Self.stun, now: now) }
            guard options.usesRelay else { continue }
            let relay = SimulatedRelay(turnHost, address: Self.turn, number: UInt16(number))
            simulation.add(relay)
            party.gatherRelayed(relay, now: now)
        }
        right.agent.setRemoteCredentials(left.agent.localCredentials, isLite: options.leftICE.isLite, now: now)
        left.agent.setRemoteCredentials(right.agent.localCredentials, isLite: options.rightICE.isLite, now: now)
        simulation.flush()
    }

    /// Signalling is instant and loses nothing; candidates go as the text that they are on the wire.
    private func deliver(_ candidate: ICECandidate, to party: ICEParty) {
        guard let parsed = try? ICECandidate(parsing: candidate.attribute) else { return }
        party.agent.addRemoteCandidate(parsed, now: now)
    }

    var now: MediaInstant { simulation.now }
    var areConnected: Bool { left.state == .connected && right.state == .connected }

    @discardableResult
    func run(_ duration: MediaDuration, until condition: () -> Bool = { false }) -> Bool {
        simulation.run(for: duration, until: condition)
    }

    /// Runs with a datagram of media each 20 ms both ways.
    func runWithMedia(_ duration: MediaDuration) {
        let end = now + duration
        while now < end {
            left.sendMedia(now: now)
            right.sendMedia(now: now)
            simulation.flush()
            simulation.run(for: .milliseconds(20))
        }
    }

    /// The longest time without media on either side since `start`.
    func longestGap(since start: MediaInstant) -> MediaDuration {
        [left, right].map { party in
            let arrivals = party.mediaArrivals.map(\.at).filter { $0 >= start }
            let instants = [start] + arrivals + [now]
            return zip(instants, instants.dropFirst()).map { $1 - $0 }.max() ?? .zero
        }.max() ?? .zero
    }
}

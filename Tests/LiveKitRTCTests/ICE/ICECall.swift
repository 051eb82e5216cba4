import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport

/// Two agents on a simulated network, with their credentials and candidates exchanged by the test.
final class ICECall {
    typealias Link = SimulatedLink<ICETransmit>

    static let leftHost = address("10.0.0.1", 5000)
    static let rightHost = address("10.0.0.2", 6000)

    var left: ICEAgent
    var right: ICEAgent
    var link: Link
    /// Where the world sees the left host; another address than its own is a NAT.
    var leftSeenAs = ICECall.leftHost
    var events: [Link.Host: [ICEEvent]] = [:]
    var sent: [Link.Host: Int] = [:]
    private var random: DeterministicRandom

    init(
        seed: UInt64, roles: (ICERole, ICERole) = (.controlling, .controlled), loss: Double = 0,
        tieBreakers: (UInt64, UInt64) = (1, 2)
    ) {
        random = DeterministicRandom(seed: seed)
        link = Link(seed: seed, conditions: .init(loss: loss, delay: .milliseconds(10) ... .milliseconds(30)))
        left = ICEAgent(
            role: roles.0, local: Self.credentials(&random), random: DeterministicRandom(seed: seed &+ 1),
            tieBreaker: tieBreakers.0)
        right = ICEAgent(
            role: roles.1, local: Self.credentials(&random), random: DeterministicRandom(seed: seed &+ 2),
            tieBreaker: tieBreakers.1)
        left.addLocalCandidate(ICECandidate(host: Self.leftHost), now: .start)
        right.addLocalCandidate(ICECandidate(host: Self.rightHost), now: .start)
    }

    static func address(_ host: String, _ port: UInt16) -> TransportAddress {
        TransportAddress(host: host, port: port) ?? TransportAddress(ipv4: 0, port: 0)
    }

    static func credentials(_ random: inout DeterministicRandom) -> ICECredentials {
        ICECredentials(entropy: (0..<ICECredentials.entropySize).map { _ in UInt8.random(in: 0...255, using: &random) })
    }

    func freshCredentials() -> ICECredentials { Self.credentials(&random) }

    var now: MediaInstant { link.now }

    /// Exchanges the credentials, and the candidates as far as they are announced.
    func signal(leftCandidates: Bool = true, rightCandidates: Bool = true) {
        let now = link.now
        right.setRemoteCredentials(left.localCredentials, now: now)
        left.setRemoteCredentials(right.localCredentials, now: now)
        if rightCandidates { left.addRemoteCandidate(ICECandidate(host: Self.rightHost), now: now) }
        if leftCandidates { right.addRemoteCandidate(ICECandidate(host: Self.leftHost), now: now) }
        drain()
    }

    /// Runs for `duration`. Traps the test on a busy loop: each timeout must move the deadline on.
    func run(_ duration: MediaDuration) {
        let end = link.now + duration
        while link.now < end {
            link.advance(to: .earliest(left.deadline, right.deadline), end: end)
            for (destination, datagram) in link.arrivals() { deliver(datagram, to: destination) }
            left.handleTimeout(now: link.now)
            right.handleTimeout(now: link.now)
            precondition(left.deadline.map { $0 > link.now } ?? true, "the left agent is busy")
            precondition(right.deadline.map { $0 > link.now } ?? true, "the right agent is busy")
            drain()
        }
    }

    private func deliver(_ datagram: ICETransmit, to host: Link.Host) {
        let path = datagram.path
        switch host {
        case .left:
            guard path.remote == leftSeenAs else { return }
            left.receive(
                datagram.bytes.rawSpan, from: path.local, to: Self.leftHost, transport: path.transport, now: link.now)
        case .right:
            let source = path.local == Self.leftHost ? leftSeenAs : path.local
            right.receive(
                datagram.bytes.rawSpan, from: source, to: Self.rightHost, transport: path.transport, now: link.now)
        }
    }

    func drain() {
        while let datagram = left.pollTransmit() {
            sent[.left, default: 0] += 1
            link.send(datagram, to: .right)
        }
        while let datagram = right.pollTransmit() {
            sent[.right, default: 0] += 1
            link.send(datagram, to: .left)
        }
        while let event = left.pollEvent() { events[.left, default: []].append(event) }
        while let event = right.pollEvent() { events[.right, default: []].append(event) }
    }

    var areConnected: Bool { left.state == .connected && right.state == .connected }

    // Noncopyable agents cannot pass through `#expect`.

    func leftAccepts(_ remote: TransportAddress) -> Bool {
        left.isValid(remote: remote, local: Self.leftHost, transport: .udp)
    }

    func rightAccepts(
        _ remote: TransportAddress, at local: TransportAddress = ICECall.rightHost, over transport: ICETransport = .udp
    ) -> Bool {
        right.isValid(remote: remote, local: local, transport: transport)
    }

    func nextFromLeft() -> ICETransmit? { left.pollTransmit() }
    func nextFromRight() -> ICETransmit? { right.pollTransmit() }
}

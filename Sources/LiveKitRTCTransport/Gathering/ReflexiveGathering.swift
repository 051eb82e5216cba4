internal import LiveKitCore
internal import LiveKitRTC

/// Server-reflexive candidates of one session's sockets. Confined to its loop.
final class ReflexiveGathering {
    private var discovery: STUNDiscovery
    private let bases: [TransportAddress]
    private var found: Set<TransportAddress> = []

    /// `bases` are the sockets' addresses, one for each family.
    init(bases: [TransportAddress]) {
        self.bases = bases
        discovery = STUNDiscovery(servers: [], random: DeterministicRandom(seed: SecureRandom.seed()))
    }

    var deadline: MediaInstant? { discovery.deadline }

    /// Asks servers that were not asked before.
    func ask(_ servers: [TransportAddress], now: MediaInstant) {
        discovery.add(servers.filter { server in bases.contains { $0.family == server.family } })
        discovery.start(now: now)
    }

    func handleTimeout(now: MediaInstant) {
        discovery.handleTimeout(now: now)
    }

    func receive(_ datagram: UnsafeRawBufferPointer, from remote: TransportAddress, now: MediaInstant) -> Bool {
        guard !discovery.isFinished else { return false }
        return unsafe discovery.receive(RawSpan(_unsafeBytes: datagram), from: remote, now: now)
    }

    func pollTransmit() -> (bytes: [UInt8], server: TransportAddress)? {
        discovery.pollTransmit()
    }

    /// The next candidate that is not one of ours already.
    func pollCandidate() -> ICECandidate? {
        while let event = discovery.pollEvent() {
            guard case .mapped(let address, _) = event, found.insert(address).inserted,
                let base = bases.first(where: { $0.family == address.family })
            else { continue }
            return ICECandidate(serverReflexive: address, base: base)
        }
        return nil
    }
}

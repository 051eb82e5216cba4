internal import LiveKitCore

/// A NAT's table of mappings.
struct SimulatedNAT {
    private struct Key: Hashable {
        var inside: TransportAddress
        var remote: TransportAddress?
    }

    private struct Mapping {
        var inside: TransportAddress
        var key: Key
        var lastUsed: MediaInstant
        /// Whom a datagram went to, as far as filtering asks.
        var contacts: Set<TransportAddress> = []
    }

    var behaviour: NATBehaviour
    private(set) var addresses: [TransportAddress]
    private var outside: [Key: TransportAddress] = [:]
    private var mappings: [TransportAddress: Mapping] = [:]
    private var nextPort: UInt16

    /// Mapped ports stay clear of the well-known ones.
    private static let ports: ClosedRange<UInt16> = 20_000...59_999

    init(_ behaviour: NATBehaviour, addresses: [TransportAddress], seed: UInt64) {
        var random = DeterministicRandom(seed: seed)
        self.behaviour = behaviour
        self.addresses = addresses.map { $0.with(port: 0) }
        nextPort = UInt16.random(in: Self.ports, using: &random)
    }

    func owns(_ address: TransportAddress) -> Bool {
        addresses.contains(address.with(port: 0))
    }

    /// The live mapping's external address for a socket inside.
    func externalAddress(of inside: TransportAddress, toward remote: TransportAddress) -> TransportAddress? {
        outside[Key(inside: inside, remote: behaviour.mapping.key(of: remote))]
    }

    /// Forgets every mapping, as a NAT that was restarted; with `address`, the line got another one as well.
    mutating func rebind(to address: TransportAddress? = nil) {
        outside.removeAll()
        mappings.removeAll()
        guard let address else { return }
        addresses.removeAll { $0.family == address.family }
        addresses.append(address.with(port: 0))
    }

    /// Notes a datagram that leaves, and says which source the world sees; `nil` without an address of the family.
    mutating func translateOutbound(
        _ inside: TransportAddress, to remote: TransportAddress, now: MediaInstant
    ) -> TransportAddress? {
        let key = Key(inside: inside, remote: behaviour.mapping.key(of: remote))
        if let known = outside[key], isExpired(known, now: now) { forget(known) }
        guard let external = outside[key] ?? allocate(key, now: now) else { return nil }
        mappings[external]?.lastUsed = now
        if let contact = behaviour.filtering.key(of: remote) { mappings[external]?.contacts.insert(contact) }
        return external
    }

    /// Whom a datagram from outside goes to, or `nil` when it is not let in.
    mutating func translateInbound(
        _ external: TransportAddress, from remote: TransportAddress, now: MediaInstant
    ) -> TransportAddress? {
        guard let mapping = mappings[external] else { return nil }
        guard !isExpired(external, now: now) else {
            forget(external)
            return nil
        }
        if let contact = behaviour.filtering.key(of: remote), !mapping.contacts.contains(contact) { return nil }
        if behaviour.isRefreshedFromOutside { mappings[external]?.lastUsed = now }
        return mapping.inside
    }

    private func isExpired(_ external: TransportAddress, now: MediaInstant) -> Bool {
        mappings[external].map { now - $0.lastUsed > behaviour.timeout } ?? true
    }

    private mutating func forget(_ external: TransportAddress) {
        guard let mapping = mappings.removeValue(forKey: external) else { return }
        outside[mapping.key] = nil
    }

    private mutating func allocate(_ key: Key, now: MediaInstant) -> TransportAddress? {
        guard let address = addresses.first(where: { $0.family == key.inside.family }) else { return nil }
        for _ in Self.ports {
            nextPort = nextPort == Self.ports.upperBound ? Self.ports.lowerBound : nextPort + 1
            let external = address.with(port: nextPort)
            guard mappings[external] == nil else { continue }
            mappings[external] = Mapping(inside: key.inside, key: key, lastUsed: now)
            outside[key] = external
            return external
        }
        return nil
    }
}

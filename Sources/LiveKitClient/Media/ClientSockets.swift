internal import LiveKitCore
internal import LiveKitRTC
internal import LiveKitRTCTransport

/// The UDP sockets of one peer connection, one for each family.
struct ClientSockets {
    /// The loop's numbers.
    let ipv4: Int
    let ipv6: Int?
    /// What they are bound to.
    let bases: [TransportAddress]

    init(core: MediaLoopCore) throws(SocketError) {
        let first = try UDPSocket(binding: TransportAddress(ipv4: 0, port: 0))
        // A machine without IPv6 is none the worse for it.
        let second = try? UDPSocket(binding: TransportAddress(ipv6High: 0, low: 0, port: 0))
        let number = core.add(first)
        ipv4 = number
        ipv6 = second.map { core.add($0, sharing: number) }
        bases = [first.localAddress] + (second.map { [$0.localAddress] } ?? [])
    }

    /// Our own addresses, and the wish to dial a server that is reached by TCP alone.
    func candidates(usesLoopback: Bool) -> [ICECandidate] {
        var policy = HostAddressPolicy()
        policy.includesLoopback = usesLoopback
        var ports = HostCandidates()
        for base in bases { ports.udpPorts[base.family] = base.port }
        ports.dialsTCP = true
        return ports.make(policy.announced(NetworkInterfaces.addresses()))
    }
}

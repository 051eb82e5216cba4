internal import LiveKitCore
internal import LiveKitRTC
internal import NIOSSL

/// What a configuration's `turn` section comes to on this machine.
struct TURNPlan {
    let server: TURNServerConfiguration
    let bindAddresses: [String]
    /// Where relays are bound, by family.
    let relayBindings: [TransportAddress.Family: String]
    let udpPort: Int?
    let tlsPort: Int?
    private let turn: LiveKitServerConfiguration.TURN

    init(
        _ configuration: LiveKitServerConfiguration, mediaPort: UInt16?, interfaces: [TransportAddress]
    ) throws(ConfigurationError) {
        let turn = configuration.turn
        self.turn = turn
        udpPort = turn.udpPort > 0 ? turn.udpPort : nil
        tlsPort = turn.tlsPort > 0 ? turn.tlsPort : nil
        bindAddresses = turn.bindAddresses
        let node = configuration.rtc.nodeIP.flatMap { TransportAddress(host: $0, port: 0) }
        var hosts: [TransportAddress] = []
        var bindings: [TransportAddress.Family: String] = [:]
        for text in turn.bindAddresses {
            guard let address = TransportAddress(host: text, port: 0) else {
                throw ConfigurationError("turn.bind_addresses: \(text) is no IP address")
            }
            guard bindings[address.family] == nil else { continue }
            guard let host = Self.host(of: address, node: node, interfaces: interfaces) else {
                throw ConfigurationError("turn.bind_addresses: no node address of the family of \(text) for relays")
            }
            bindings[address.family] = text
            hosts.append(host)
        }
        relayBindings = bindings
        let own = interfaces + hosts + [node].compactMap(\.self)
        let filter = TURNPeerFilter(
            allowedBlocks: try AddressBlock.blocks(turn.allowRestrictedPeerCIDRs, "turn.allow_restricted_peer_cidrs"),
            deniedBlocks: try AddressBlock.blocks(turn.denyPeerCIDRs, "turn.deny_peer_cidrs"), ownHosts: own,
            reachableEndpoints: mediaPort.map { port in own.map { $0.with(port: port) } } ?? [])
        let ports = UInt16(clamping: turn.relayRangeStart)...UInt16(clamping: turn.relayRangeEnd)
        var server = TURNServerConfiguration(relayHosts: hosts, relayPorts: ports, peerFilter: filter)
        server.allocationsPerUser = max(turn.perUserRelayAllocationLimit, 0)
        self.server = server
    }

    /// The address that relays are announced under: the node's, else the one bound to, else an interface's.
    private static func host(
        of bound: TransportAddress, node: TransportAddress?, interfaces: [TransportAddress]
    ) -> TransportAddress? {
        if let node, node.family == bound.family { return node }
        if !bound.isUnspecified { return bound }
        let candidates = interfaces.filter { $0.family == bound.family }
        return candidates.first { !$0.isLoopback } ?? candidates.first
    }

    /// The certificate for clients; `nil` when TLS ends elsewhere.
    func tlsContext() throws -> NIOSSLContext? {
        guard tlsPort != nil, !turn.hasExternalTLS else { return nil }
        let chain = try NIOSSLCertificate.fromPEMFile(turn.certificateFile).map {
            NIOSSLCertificateSource.certificate($0)
        }
        let key = try NIOSSLPrivateKey(file: turn.keyFile, format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        return try NIOSSLContext(configuration: configuration)
    }
}

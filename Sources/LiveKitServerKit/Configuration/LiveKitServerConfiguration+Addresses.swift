internal import LiveKitCore
internal import LiveKitRTC
internal import LiveKitRTCTransport

extension LiveKitServerConfiguration.RTC {
    /// LiveKit's port for ICE over TCP.
    static let defaultTCPPort = 7881
    static let defaultSTUNPort: UInt16 = 3478

    func validate() throws(ConfigurationError) {
        for (key, value) in [("rtc.node_ip", nodeIP), ("rtc.node_ip.ipv6", nodeIPv6)] {
            guard let value, TransportAddress(host: value, port: 0) == nil else { continue }
            throw ConfigurationError("\(key) is not an address: \(value)")
        }
        for block in includedIPs + excludedIPs where AddressBlock(block) == nil {
            throw ConfigurationError("rtc.ips has a block that is not in CIDR notation: \(block)")
        }
        for server in stunServers where ServerName(server, defaultPort: Self.defaultSTUNPort) == nil {
            throw ConfigurationError("rtc.stun_servers has one that is not host:port: \(server)")
        }
        for server in turnServers { try server.validate() }
        guard (0...100).contains(flexFECPercent) else {
            throw ConfigurationError("rtc.flexfec_percent must be from 0 to 100")
        }
        guard (0...65_535).contains(udpPort), (0...65_535).contains(tcpPort ?? 0) else {
            throw ConfigurationError("rtc.udp_port and rtc.tcp_port must be from 0 to 65535")
        }
    }

    /// Which addresses clients are told of; external ones are not known yet.
    func addressPolicy(isDevelopment: Bool) -> HostAddressPolicy {
        var policy = HostAddressPolicy()
        policy.interfaces = InterfaceFilter(includes: includedInterfaces, excludes: excludedInterfaces)
        policy.addresses = AddressFilter(
            includes: includedIPs.compactMap { AddressBlock($0) }, excludes: excludedIPs.compactMap { AddressBlock($0) }
        )
        policy.includesLoopback = enablesLoopbackCandidate || isDevelopment
        policy.nodeAddresses = [nodeIP, nodeIPv6].compactMap { $0.flatMap { TransportAddress(host: $0, port: 0) } }
        policy.announcesExternalOnly = offersExternalIPOnly
        policy.announcesInternal = offersInternalIP
        return policy
    }
}

internal import LiveKitCore
internal import LiveKitRTC
internal import LiveKitRTCTransport

/// The sockets that all peer connections of a loop share: UDP for each family, and the listeners of ICE over TCP.
struct MediaSockets: Sendable {
    /// The loop's number of the socket for IPv4, and of the one for IPv6 where the system has it.
    let ipv4: Int
    let ipv6: Int?
    /// The ports by family.
    let ports: HostCandidates

    var udpPort: UInt16? { ports.udpPorts[.ipv4] }
    var tcpPort: UInt16? { ports.tcpPorts[.ipv4] ?? ports.tcpPorts[.ipv6] }

    private static let anyIPv4 = TransportAddress(ipv4: 0, port: 0)
    private static let anyIPv6 = TransportAddress(ipv6High: 0, low: 0, port: 0)

    /// Opens them. A machine without IPv6 is none the worse for it.
    static func open(
        _ configuration: MediaPlaneConfiguration, on core: MediaLoopCore
    ) throws(SocketError) -> MediaSockets {
        let first = try UDPSocket(binding: anyIPv4.with(port: configuration.udpPort))
        let port = first.localAddress.port
        let listeners = try openListeners(configuration.tcpPort)
        var ports = HostCandidates()
        ports.udpPorts[.ipv4] = port
        let ipv4 = core.add(first)
        var ipv6: Int?
        if configuration.addresses.includesIPv6, let second = try? UDPSocket(binding: anyIPv6.with(port: port)) {
            ports.udpPorts[.ipv6] = port
            ipv6 = core.add(second, sharing: ipv4)
        }
        for listener in listeners {
            ports.tcpPorts[listener.localAddress.family] = listener.localAddress.port
            core.add(listener, sharing: ipv4)
        }
        return MediaSockets(ipv4: ipv4, ipv6: ipv6, ports: ports)
    }

    private static func openListeners(
        _ wish: MediaPlaneConfiguration.TCPPort
    ) throws(SocketError) -> [TCPListener] {
        let first: TCPListener?
        switch wish {
        case .none: first = nil
        case .required(let port): first = try TCPListener(binding: anyIPv4.with(port: port))
        case .preferred(let port): first = try? TCPListener(binding: anyIPv4.with(port: port))
        }
        guard let first else { return [] }
        let second = try? TCPListener(binding: anyIPv6.with(port: first.localAddress.port))
        return [first, second].compactMap { $0 }
    }
}

internal import LiveKitCore
internal import LiveKitRTCTransport

/// The addresses under which clients reach this server.
enum NodeAddresses {
    /// The configured one, else those of the interfaces, else the loopback.
    static func all(of configuration: LiveKitServerConfiguration) -> [TransportAddress] {
        if let node = configuration.rtc.nodeIP.flatMap({ TransportAddress(host: $0, port: 0) }) { return [node] }
        let found = NetworkInterfaces.addresses()
        let outward = found.filter { !$0.isLoopback && $0.family == .ipv4 }
        return outward.isEmpty ? [TransportAddress(ipv4: 0x7F00_0001, port: 0)] : outward
    }
}

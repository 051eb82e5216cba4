package import LiveKitCore

/// Where media is reached.
package struct MediaPlaneConfiguration: Sendable {
    /// The UDP port that all peer connections share; 0 lets the system choose.
    package var udpPort: UInt16
    /// Addresses to advertise instead of those of the interfaces (`rtc.node_ip`).
    package var nodeAddresses: [TransportAddress]
    /// Whether 127.0.0.1 is advertised besides (`rtc.enable_loopback_candidate`).
    package var advertisesLoopback: Bool

    package init(udpPort: UInt16 = 0, nodeAddresses: [TransportAddress] = [], advertisesLoopback: Bool = false) {
        self.udpPort = udpPort
        self.nodeAddresses = nodeAddresses
        self.advertisesLoopback = advertisesLoopback
    }
}

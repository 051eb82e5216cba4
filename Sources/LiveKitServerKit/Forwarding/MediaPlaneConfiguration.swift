package import LiveKitRTC
package import LiveKitRTCTransport

/// Where media is reached.
package struct MediaPlaneConfiguration: Sendable {
    /// What is done about a port for ICE over TCP.
    package enum TCPPort: Hashable, Sendable {
        case none
        /// This one, or starting fails; 0 lets the system choose.
        case required(UInt16)
        /// This one if it is free.
        case preferred(UInt16)
    }

    /// The UDP port that all peer connections share; 0 lets the system choose.
    package var udpPort: UInt16
    package var tcpPort: TCPPort
    /// Which addresses are advertised.
    package var addresses: HostAddressPolicy
    /// Asked for external addresses (`rtc.use_external_ip`); none means that they are not looked for.
    package var stunServers: [ServerName] = []
    package var validatesExternalAddresses = true
    /// Whether media goes over TCP alone, where there is a port for it (`rtc.force_tcp`).
    package var forcesTCP = false
    /// Whether connections only answer checks (`rtc.use_ice_lite`).
    package var isICELite = false
    /// Repair packets for video, made for subscribers and taken from publishers (`rtc.flexfec_percent`).
    package var forwardErrorCorrection: FlexFECSender.Configuration?
    package var settings = ForwardingSettings()
    /// How layers are chosen by bandwidth; `nil` for not at all (`rtc.congestion_control`).
    var allocation: StreamAllocator.Configuration? = StreamAllocator.Configuration()

    package init(
        udpPort: UInt16 = 0, tcpPort: TCPPort = .required(0), addresses: HostAddressPolicy = HostAddressPolicy()
    ) {
        self.udpPort = udpPort
        self.tcpPort = tcpPort
        self.addresses = addresses
    }
}

internal import LiveKitCore
internal import LiveKitRTC
internal import LiveKitRTCTransport
public import Logging
public import Metrics

extension LiveKitServer {
    /// Creates a server. Its media port is opened here; HTTP and signalling begin with ``run()``.
    ///
    /// - Parameters:
    ///   - configuration: ``LiveKitServerConfiguration/development`` for a first try.
    ///   - logger: Where it logs; one labelled `livekit.server` by default.
    ///   - metrics: Where it counts; the process's metrics system by default. With `prometheus.port` it also keeps its
    ///     metrics itself, to be read there, unless this is a ``PrometheusMetrics`` already.
    /// - Throws: `ConfigurationError` for values that cannot be, or the system's error when the media port is taken.
    public init(
        configuration: LiveKitServerConfiguration, logger: Logger? = nil, metrics: (any MetricsFactory)? = nil
    ) async throws {
        try configuration.validate()
        let plane = try await ForwardingMediaPlane(MediaPlaneConfiguration(configuration))
        try self.init(configuration: configuration, mediaPlane: plane, logger: logger, metrics: metrics)
        if plane.tcpPort == nil, configuration.rtc.tcpPort != 0 {
            (logger ?? Logger(label: "livekit.server")).notice(
                "no ICE over TCP: its port is taken",
                metadata: ["port": "\(LiveKitServerConfiguration.RTC.defaultTCPPort)"])
        }
    }
}

extension MediaPlaneConfiguration {
    init(_ configuration: LiveKitServerConfiguration) {
        let rtc = configuration.rtc
        self.init(
            udpPort: UInt16(clamping: rtc.udpPort), tcpPort: Self.tcpPort(of: rtc),
            addresses: rtc.addressPolicy(isDevelopment: configuration.isDevelopment))
        isICELite = rtc.usesICELite
        forcesTCP = rtc.forcesTCP
        if rtc.flexFECPercent > 0 {
            forwardErrorCorrection = FlexFECSender.Configuration(protectionFactor: rtc.flexFECPercent * 256 / 100)
        }
        settings = ForwardingSettings(configuration)
        allocation = rtc.congestionControl.allocation
        validatesExternalAddresses = !rtc.skipsExternalIPValidation
        if rtc.usesExternalIP {
            stunServers = rtc.stunServers.compactMap {
                ServerName($0, defaultPort: LiveKitServerConfiguration.RTC.defaultSTUNPort)
            }
        }
    }

    private static func tcpPort(of rtc: LiveKitServerConfiguration.RTC) -> TCPPort {
        switch rtc.tcpPort {
        case nil where rtc.udpPort == 0: .preferred(0)
        case nil: .preferred(UInt16(clamping: LiveKitServerConfiguration.RTC.defaultTCPPort))
        case 0?: .none
        case let port?: .required(UInt16(clamping: port))
        }
    }
}

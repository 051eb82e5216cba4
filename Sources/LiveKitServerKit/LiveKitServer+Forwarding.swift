internal import LiveKitCore
public import Logging

extension LiveKitServer {
    /// Creates a server. Its media port is opened here; HTTP and signalling begin with ``run()``.
    ///
    /// - Parameters:
    ///   - configuration: ``LiveKitServerConfiguration/development`` for a first try.
    ///   - logger: Where it logs; one labelled `livekit.server` by default.
    /// - Throws: `ConfigurationError` for values that cannot be, or the system's error when the media port is taken.
    public init(configuration: LiveKitServerConfiguration, logger: Logger? = nil) async throws {
        try configuration.validate()
        let plane = try await ForwardingMediaPlane(MediaPlaneConfiguration(configuration))
        try self.init(configuration: configuration, mediaPlane: plane, logger: logger)
    }
}

extension MediaPlaneConfiguration {
    init(_ configuration: LiveKitServerConfiguration) {
        let rtc = configuration.rtc
        self.init(
            udpPort: UInt16(clamping: rtc.udpPort),
            nodeAddresses: rtc.nodeIP.flatMap { TransportAddress(host: $0, port: 0) }.map { [$0] } ?? [],
            advertisesLoopback: rtc.enablesLoopbackCandidate || configuration.isDevelopment)
    }
}

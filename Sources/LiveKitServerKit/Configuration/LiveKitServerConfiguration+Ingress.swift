extension LiveKitServerConfiguration {
    /// Where the workers of ingress are reached by those who send to them.
    public struct Ingress: Sendable {
        /// The URL of RTMP, such as `rtmp://ingress.example.com/x`; the stream key follows it.
        public var rtmpBaseURL = ""
        /// The URL of WHIP, such as `https://ingress.example.com/w`.
        public var whipBaseURL = ""

        /// Nothing that anybody could be told.
        public init() {}
    }
}

extension LiveKitServerConfiguration.Ingress {
    mutating func read(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        rtmpBaseURL = try reader.string("rtmp_base_url") ?? rtmpBaseURL
        whipBaseURL = try reader.string("whip_base_url") ?? whipBaseURL
    }
}

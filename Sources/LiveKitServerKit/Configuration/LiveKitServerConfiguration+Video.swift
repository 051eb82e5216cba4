extension LiveKitServerConfiguration {
    /// How video is published.
    public struct Video: Sendable {
        /// A layer that nobody watches any more is paused after so long; zero means at once. The publisher's client must
        /// have dynacast on.
        public var dynacastPauseDelay = Duration.seconds(5)

        /// LiveKit's defaults.
        public init() {}
    }
}

extension LiveKitServerConfiguration.Video {
    mutating func read(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        dynacastPauseDelay = try reader.duration("dynacast_pause_delay") ?? dynacastPauseDelay
    }
}

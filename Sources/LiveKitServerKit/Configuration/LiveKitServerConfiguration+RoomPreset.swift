extension LiveKitServerConfiguration {
    /// What a room is like whose token or request names it: one entry of LiveKit's `room_configurations`.
    ///
    /// What is 0 or empty states nothing.
    public struct RoomPreset: Sendable, Hashable {
        /// Seconds until a room closes that nobody ever joined.
        public var emptyTimeout = 0
        /// Seconds until a room closes after the last participant left.
        public var departureTimeout = 0
        /// How many may join.
        public var maximumParticipants = 0
        /// The room's metadata.
        public var metadata = ""

        /// A preset that states nothing.
        public init() {}
    }
}

extension LiveKitServerConfiguration.RoomPreset {
    mutating func read(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        emptyTimeout = try reader.integer("empty_timeout", in: 0...Int(UInt32.max)) ?? emptyTimeout
        departureTimeout = try reader.integer("departure_timeout", in: 0...Int(UInt32.max)) ?? departureTimeout
        maximumParticipants = try reader.integer("max_participants", in: 0...Int(UInt32.max)) ?? maximumParticipants
        metadata = try reader.string("metadata") ?? metadata
    }
}

extension LiveKitServerConfiguration {
    /// What is too much. 0 lifts a limit.
    public struct Limits: Sendable {
        /// Bytes of a room's or a participant's metadata.
        public var metadataBytes = 512 * 1024
        /// Bytes of a participant's attributes, names and values together.
        public var attributesBytes = 64 * 1024
        /// Bytes of a room's name.
        public var roomNameLength = 256
        /// Bytes of a participant's identity.
        public var identityLength = 256
        /// Bytes of a participant's name.
        public var participantNameLength = 256
        /// Tracks that one participant may publish at once (`limit.max_tracks_per_participant`).
        public var tracksPerParticipant = 100
        /// Video tracks that one participant is sent at once.
        public var videoSubscriptions = 0
        /// Audio tracks that one participant is sent at once.
        public var audioSubscriptions = 0
        /// Bytes of one signalling message, and of one WebSocket frame; above 0.
        public var signalMessageBytes = 2 * 1024 * 1024
        /// Bytes of one message of an agents' worker, and of one WebSocket frame; above 0.
        public var agentMessageBytes = 2 * 1024 * 1024
        /// Bytes of one API request's body; above 0.
        public var requestBodyBytes = 10 * 1024 * 1024
        /// Bytes of the names that make up a data blob's key.
        public var dataBlobKeyLength = 256
        /// Bytes of all data blobs of one participant, with their keys.
        public var dataBlobsBytes = 64_000
        /// Bytes of the name of an encoding of data tracks that is no well-known one.
        public var customEncodingLength = 32
        /// Rooms at once; joining or creating another is refused.
        public var rooms = 10_000
        /// Tracks that come in and go out, of all rooms together; then joins are refused (`limit.num_tracks`).
        public var nodeTracks = 0
        /// Bytes of media in a second, both ways together; then joins are refused (`limit.bytes_per_sec`).
        public var nodeBytesPerSecond = 1_000_000_000

        /// LiveKit's defaults.
        public init() {}

        /// Even without a limit not more than any client can encode.
        var publishedTracks: Int { tracksPerParticipant == 0 ? 1000 : tracksPerParticipant }

        func allows(metadata: String) -> Bool {
            metadataBytes == 0 || metadata.utf8.count <= metadataBytes
        }

        func allows(attributes: [String: String]) -> Bool {
            attributesBytes == 0
                || attributes.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count } <= attributesBytes
        }

        func allows(name: String) -> Bool {
            participantNameLength == 0 || name.utf8.count <= participantNameLength
        }

        func allows(identity: String) -> Bool {
            identityLength == 0 || identity.utf8.count <= identityLength
        }

        func allows(roomName: String) -> Bool {
            roomNameLength == 0 || roomName.utf8.count <= roomNameLength
        }
    }
}

extension LiveKitServerConfiguration.Limits {
    mutating func read(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        metadataBytes = try reader.integer("max_metadata_size") ?? metadataBytes
        attributesBytes = try reader.integer("max_attributes_size") ?? attributesBytes
        roomNameLength = try reader.integer("max_room_name_length") ?? roomNameLength
        identityLength = try reader.integer("max_participant_identity_length") ?? identityLength
        participantNameLength = try reader.integer("max_participant_name_length") ?? participantNameLength
        tracksPerParticipant = try reader.count("max_tracks_per_participant") ?? tracksPerParticipant
        videoSubscriptions = try reader.count("subscription_limit_video") ?? videoSubscriptions
        audioSubscriptions = try reader.count("subscription_limit_audio") ?? audioSubscriptions
        try readData(&reader)
        nodeTracks = try reader.count("num_tracks") ?? nodeTracks
        nodeBytesPerSecond =
            try reader.number("bytes_per_sec").map { Int(min(max($0, 0), 1e15)) }
            ?? nodeBytesPerSecond
        signalMessageBytes = try reader.messageSize("signal_message_size_limit") ?? signalMessageBytes
        agentMessageBytes = try reader.messageSize("agent_signal_message_size_limit") ?? agentMessageBytes
        requestBodyBytes = try reader.messageSize("max_api_request_body_size") ?? requestBodyBytes
    }

    /// Where older files have these limits. One that says something wins, as it does with LiveKit.
    mutating func readLegacy(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        metadataBytes = try reader.limit("max_metadata_size") ?? metadataBytes
        roomNameLength = try reader.limit("max_room_name_length") ?? roomNameLength
        identityLength = try reader.limit("max_participant_identity_length") ?? identityLength
    }
}

extension ConfigurationReader {
    /// A limit, of which 0 says nothing.
    fileprivate mutating func limit(_ key: String) throws(ConfigurationError) -> Int? {
        try integer(key).flatMap { $0 == 0 ? nil : $0 }
    }

    /// How many there may be. LiveKit's sample file lifts such a limit with -1.
    fileprivate mutating func count(_ key: String) throws(ConfigurationError) -> Int? {
        try integer(key, in: Int.min...Int.max).map { max($0, 0) }
    }

    /// Bytes of a message, of which 0 allows the most.
    fileprivate mutating func messageSize(_ key: String) throws(ConfigurationError) -> Int? {
        try integer(key, in: 0...Int(Int32.max)).map { $0 == 0 ? Int(Int32.max) : $0 }
    }
}

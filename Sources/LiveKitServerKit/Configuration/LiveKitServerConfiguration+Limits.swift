extension LiveKitServerConfiguration {
    /// What is too much. 0 lifts a limit, except for the sizes of messages.
    public struct Limits: Sendable {
        /// Bytes of a room's or a participant's metadata.
        public var metadataBytes = 512 * 1024
        /// Bytes of a participant's attributes, names and values together.
        public var attributesBytes = 64 * 1024
        /// Characters of a room's name.
        public var roomNameLength = 256
        /// Characters of a participant's identity.
        public var identityLength = 256
        /// Characters of a participant's name.
        public var participantNameLength = 256
        /// Tracks that one participant may publish at once (`limit.max_tracks_per_participant`).
        public var tracksPerParticipant = 100
        /// Video tracks that one participant is sent at once.
        public var videoSubscriptions = 0
        /// Audio tracks that one participant is sent at once.
        public var audioSubscriptions = 0
        /// Bytes of one signalling message, and of one WebSocket frame.
        public var signalMessageBytes = 2 * 1024 * 1024
        /// Bytes of one message of an agents' worker, and of one WebSocket frame.
        public var agentMessageBytes = 2 * 1024 * 1024
        /// Bytes of one API request's body.
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

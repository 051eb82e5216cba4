public import Logging

/// Everything a ``LiveKitServer`` is told before it starts.
///
/// The names follow LiveKit's configuration file, from which a configuration can be read with
/// ``init(yaml:)``. Keys and secrets are not part of its description, so that a configuration may be logged.
public struct LiveKitServerConfiguration: Sendable {
    /// The TCP port of HTTP and signalling. 0 takes a free one; ``LiveKitServer/port`` then tells which.
    public var port = 7880
    /// The addresses to listen on; none means all of them.
    public var bindAddresses: [String] = []
    /// The API secrets by API key.
    public var keys: [String: String] = [:]
    /// A file of more keys, which others must not be able to read; see ``readKeyFile()``.
    public var keyFile = ""
    /// The region that clients are told.
    public var region = ""
    /// The least urgent log level written.
    public var logLevel = Logger.Level.info
    /// How logs are written, where the process leaves that to ``ServerLogging``.
    public var logging = Logging()
    /// Whether the server runs with the defaults of ``development``.
    public var isDevelopment = false
    /// The media half.
    public var rtc = RTC()
    /// The server's own TURN server.
    public var turn = TURN()
    /// What new rooms are like.
    public var room = RoomDefaults()
    /// How video is published.
    public var video = Video()
    /// When somebody counts as speaking.
    public var audio = Audio()
    /// Whether there are data tracks.
    public var enablesDataTracks = true
    /// Whether participants may keep data for one another by keys, such as schemas of data tracks.
    public var enablesDataBlobs = false
    /// How agents' workers are used.
    public var agents = Agents()
    /// Who is told what happens.
    public var webhook = Webhook()
    /// Where streams come in.
    public var ingress = Ingress()
    /// What is too much.
    public var limits = Limits()
    /// How long HTTP and signalling wait.
    public var timeouts = Timeouts()
    /// Who may connect, and how fast.
    public var connections = Connections()
    /// Where the nodes of a cluster meet.
    public var redis = Redis()
    /// Which node of a cluster takes a new room.
    public var nodeSelector = NodeSelector()
    /// How the node is measured.
    public var nodeStatistics = NodeStatistics()
    /// Where metrics are read.
    public var prometheus = Prometheus()
    /// The port of `/debug`, on this machine only; 0 for none. In development the main port has it.
    public var debugPort = 0
    /// Keys that were set and mean something to LiveKit, but nothing to this server yet.
    public internal(set) var keysWithoutEffect: [String] = []
    /// Keys that were set and mean nothing to anybody, where that was no error.
    public internal(set) var unknownKeys: [String] = []
    /// What an operator should know of keys that mean something else than they seem to; logged at the start.
    public internal(set) var remarks: [String] = []

    /// A configuration with LiveKit's defaults, and no keys.
    public init() {}

    /// A server for one machine: key `devkey`, secret `secret`, reachable from this machine only.
    public static var development: Self {
        var configuration = Self()
        configuration.applyDevelopmentDefaults()
        return configuration
    }

    /// Fills what is not set with the defaults of a server that runs for its developer.
    public mutating func applyDevelopmentDefaults() {
        applyDevelopmentDefaults(keepingKeys: false)
    }

    /// With `keepingKeys`, who may come is not decided yet.
    mutating func applyDevelopmentDefaults(keepingKeys: Bool) {
        isDevelopment = true
        logLevel = .debug
        turn.applyDevelopmentDefaults()
        if !keepingKeys { applyDevelopmentKeys() }
    }

    /// Well-known keys must not be reachable from elsewhere, unless somebody says so.
    mutating func applyDevelopmentKeys() {
        guard keys.isEmpty, keyFile.isEmpty else { return }
        keys = ["devkey": "secret"]
        if bindAddresses.isEmpty { bindAddresses = ["127.0.0.1", "::1"] }
    }
}

extension LiveKitServerConfiguration {
    /// Where media goes.
    public struct RTC: Sendable {
        /// The UDP port that all peer connections share. 0 takes a free one.
        public var udpPort = 7882
        /// The port of ICE over TCP, for clients whose network lets no UDP through. 0 means that there is none. `nil`
        /// takes LiveKit's 7881 if it is free (a free one where ``udpPort`` is 0), and does without otherwise.
        public var tcpPort: Int?
        /// The address that clients are told; `nil` means those of the machine's interfaces.
        public var nodeIP: String?
        /// The same for IPv6.
        public var nodeIPv6: String?
        /// Whether STUN servers are asked at which addresses the world sees this machine, and those are offered.
        public var usesExternalIP = false
        /// Whether an external address is offered without trying whether it leads here.
        public var skipsExternalIPValidation = false
        /// Whether addresses that have no external one are not offered.
        public var offersExternalIPOnly = false
        /// Whether addresses that have an external one are offered as well.
        public var offersInternalIP = false
        /// The STUN servers to ask, as `host:port`.
        public var stunServers = ["stun.l.google.com:19302", "stun1.l.google.com:19302"]
        /// TURN servers elsewhere that participants are told, besides this server's own.
        public var turnServers: [TURNServer] = []
        /// Whether the server only answers connectivity checks (ICE lite): for a server that everybody reaches.
        public var usesICELite = false
        /// The only interfaces to offer addresses of; none means all.
        public var includedInterfaces: [String] = []
        /// Interfaces not to offer addresses of.
        public var excludedInterfaces: [String] = []
        /// The only addresses to offer, in CIDR notation; none means all.
        public var includedIPs: [String] = []
        /// Addresses not to offer, in CIDR notation.
        public var excludedIPs: [String] = []
        /// Whether media goes over TCP alone, where there is a port for it.
        public var forcesTCP = false
        /// Whether clients whose connections fail again and again are told to go by TCP, and then by TURN over TLS.
        public var allowsTCPFallback = true
        /// Milliseconds of a round trip over signalling from which on they are not told to go by TCP; 0 for no limit.
        public var tcpFallbackRoundTripThreshold = 0
        /// Whether candidates of the loopback interface are offered.
        public var enablesLoopbackCandidate = false
        /// Repair packets of video (FlexFEC-03) for each hundred packets to a subscriber that knows them, up to 100.
        /// Above 0, those of publishers are taken too. Only streams that come in one layer have any at libwebrtc.
        public var flexFECPercent = 0
        /// How often publishers are asked for key frames (`rtc.pli_throttle`).
        public var keyframeThrottle = KeyframeThrottle()
        /// Packets of a video layer that are kept to be sent again; the next power of two is used.
        public var videoPackets = 500
        /// Packets of an audio track that are kept. Sound is not sent again, so that half of them will do.
        public var audioPackets = 200
        /// Whether a participant whose announced track does not start is told to start afresh.
        public var reconnectsOnPublicationError = false
        /// The same for a track that it subscribed to.
        public var reconnectsOnSubscriptionError = false
        /// The same for a data channel that ended under a message.
        public var reconnectsOnDataChannelError = false
        /// Bits in a second under which a reader of reliable data is not waited for; 0 waits for everybody.
        public var slowDataThreshold = 0
        /// How long lossy data may wait for its reader; zero bounds it in bytes instead.
        public var lossyDataLatency = Duration.zero
        /// The same for packets of data tracks.
        public var dataTrackLatency = Duration.milliseconds(100)
        /// Which layers subscribers are sent where their path is narrow.
        public var congestionControl = CongestionControl()

        /// The default media half.
        public init() {}
    }

    /// What a room is like for which nobody said otherwise.
    public struct RoomDefaults: Sendable {
        /// Whether joining an unknown room makes it.
        public var isCreatedAutomatically = true
        /// How many may join; 0 means any number.
        public var maximumParticipants = 0
        /// Seconds until a room closes that nobody ever joined.
        public var emptyTimeout = 300
        /// Seconds until a room closes after the last participant left.
        public var departureTimeout = 20
        /// Whether the API may unmute what a participant muted.
        public var enablesRemoteUnmute = false
        /// Whether somebody whose identity is in the room already is refused. Otherwise, as in LiveKit, the newcomer
        /// takes the place. Who has lost his connection always finds his way back (`room.refuse_duplicate_identity`).
        public var refusesDuplicateIdentity = false
        /// Whether tracks of one participant that belong together are kept in step by players.
        public var syncsStreams = false
        /// Bytes of one update that tells of many participants.
        public var updateBatchBytes = 128 * 1024
        /// The media types that may be published.
        public var enabledCodecs = [
            "audio/PCMU", "audio/PCMA", "audio/opus", "audio/red", "video/VP8", "video/H264", "video/VP9", "video/AV1",
            "video/H265", "video/rtx",
        ]

        /// Rooms of a kind, by the name that tokens (`roomPreset`) and requests (`room_preset`) give.
        public var presets: [String: RoomPreset] = [:]

        /// LiveKit's defaults.
        public init() {}
    }

    /// How long HTTP and signalling wait.
    public struct Timeouts: Sendable {
        /// A request's head must be whole so long after the connection, or after its first byte; zero is for ever. Below
        /// ten seconds by as much as a busy server may be late.
        public var requestHead = Duration.seconds(8)
        /// A request's body must be whole so long after its head; zero is for ever.
        public var requestBody = Duration.seconds(30)
        /// An HTTP connection without a request is closed after so long; zero is never.
        public var httpIdle = Duration.seconds(60)
        /// A signalling connection is pinged so often.
        public var signalPing = Duration.seconds(10)
        /// A signalling connection on which nothing comes is closed after so long.
        public var signalSilence = Duration.seconds(45)
        /// At the end, how long queued signalling may take to go out.
        public var drain = Duration.seconds(2)
        /// When the server is asked to stop, how long participants may stay; zero means until they leave.
        public var participants = Duration.zero

        /// The defaults.
        public init() {}
    }
}

extension LiveKitServerConfiguration {
    /// Where connections are taken; `nil` stands for all addresses of this machine.
    var listeningAddresses: [String?] { bindAddresses.isEmpty ? [nil] : bindAddresses }
}

/// How an audio track is published.
public struct AudioPublishOptions: Hashable, Sendable {
    /// The track's name; the track's own unless given.
    public var name: String?
    /// The bitrate; what suits speech unless given.
    public var encoding: AudioEncoding?
    /// Whether silence is reduced to a packet now and then.
    public var dtx: Bool
    /// Whether each packet repeats the one before (RED), so that a lost one costs nothing.
    public var red: Bool
    /// Tracks of one stream name are played in sync.
    public var streamName: String?

    /// Creates options.
    public init(
        name: String? = nil, encoding: AudioEncoding? = nil, dtx: Bool = true, red: Bool = true,
        streamName: String? = nil
    ) {
        self.name = name
        self.encoding = encoding
        self.dtx = dtx
        self.red = red
        self.streamName = streamName
    }

    /// What the encoder makes at most.
    func bitrate(channels: Int) -> Int {
        (encoding ?? (channels == 2 ? .musicStereo : .speech)).maxBitrate
    }
}

/// The bounds of an audio encoding.
public struct AudioEncoding: Hashable, Sendable {
    /// Bits each second.
    public var maxBitrate: Int

    /// Creates an encoding.
    public init(maxBitrate: Int) {
        self.maxBitrate = maxBitrate
    }

    /// Speech: 32 kbit/s.
    public static let speech = AudioEncoding(maxBitrate: 32_000)
    /// Music in mono: 48 kbit/s.
    public static let music = AudioEncoding(maxBitrate: 48_000)
    /// Music in stereo: 64 kbit/s.
    public static let musicStereo = AudioEncoding(maxBitrate: 64_000)
}

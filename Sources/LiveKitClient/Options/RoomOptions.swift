/// What a room does unless a call says otherwise.
public struct RoomOptions: Hashable, Sendable {
    /// How video tracks are published.
    public var defaultVideoPublishOptions: VideoPublishOptions
    /// How audio tracks are published.
    public var defaultAudioPublishOptions: AudioPublishOptions
    /// How data is published.
    public var defaultDataPublishOptions: DataPublishOptions
    /// Whether layers that nobody watches are not encoded.
    public var dynacast: Bool

    /// Creates options.
    public init(
        defaultVideoPublishOptions: VideoPublishOptions = VideoPublishOptions(),
        defaultAudioPublishOptions: AudioPublishOptions = AudioPublishOptions(),
        defaultDataPublishOptions: DataPublishOptions = DataPublishOptions(), dynacast: Bool = false
    ) {
        self.defaultVideoPublishOptions = defaultVideoPublishOptions
        self.defaultAudioPublishOptions = defaultAudioPublishOptions
        self.defaultDataPublishOptions = defaultDataPublishOptions
        self.dynacast = dynacast
    }
}

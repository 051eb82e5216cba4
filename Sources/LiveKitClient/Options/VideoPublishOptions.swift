/// How a video track is published.
public struct VideoPublishOptions: Hashable, Sendable {
    /// The track's name; the track's own unless given.
    public var name: String?
    /// Bitrate and frame rate of the full picture; what suits its size unless given.
    public var encoding: VideoEncoding?
    /// Whether smaller pictures are sent beside the full one, so that the server can choose for each subscriber.
    public var simulcast: Bool
    /// The smaller pictures, smallest first, at most two; what suits the size unless given.
    public var simulcastLayers: [VideoParameters]
    /// Tracks of one stream name are played in sync.
    public var streamName: String?

    /// Creates options.
    public init(
        name: String? = nil, encoding: VideoEncoding? = nil, simulcast: Bool = true,
        simulcastLayers: [VideoParameters] = [], streamName: String? = nil
    ) {
        self.name = name
        self.encoding = encoding
        self.simulcast = simulcast
        self.simulcastLayers = simulcastLayers
        self.streamName = streamName
    }
}

public import LiveKitMedia
internal import Synchronization

/// A video track whose pictures the program makes.
///
/// ```swift
/// let track = LocalVideoTrack.createBufferTrack(dimensions: Dimensions(width: 640, height: 360))
/// try await room.localParticipant.publish(videoTrack: track)
/// track.capture(frame)
/// ```
public final class LocalVideoTrack: Track, LocalTrack, @unchecked Sendable {  // As its superclass.
    /// Where captured pictures go while the track is published.
    enum Feed: Sendable {
        case frames(AsyncStream<I420Frame>.Continuation)
        case encoded(@Sendable (EncodedVideoFrame) -> Void)
    }

    private struct State {
        var feed: Feed?
        var isMuted = false
        var counters: (@Sendable () async -> TrackStatistics)?
    }

    /// The size of the pictures.
    public let dimensions: Dimensions
    /// Whether the pictures come encoded.
    let isEncoded: Bool
    /// Called when somebody needs a key frame of pictures that come encoded.
    let onKeyframeRequest: (@Sendable () -> Void)?
    private let state = Mutex(State())

    private init(
        name: String, source: Source, dimensions: Dimensions, isEncoded: Bool,
        onKeyframeRequest: (@Sendable () -> Void)? = nil
    ) {
        self.dimensions = dimensions
        self.isEncoded = isEncoded
        self.onKeyframeRequest = onKeyframeRequest
        super.init(kind: .video, source: source, name: name)
    }

    /// Creates a track for frames that are encoded here, in VP8.
    ///
    /// - Parameters:
    ///   - name: For people.
    ///   - source: What the pictures show.
    ///   - dimensions: The size to publish. Frames of another size are scaled.
    /// - Returns: The track, not published yet.
    public static func createBufferTrack(
        name: String = "camera", source: Source = .camera, dimensions: Dimensions
    ) -> LocalVideoTrack {
        LocalVideoTrack(name: name, source: source, dimensions: dimensions, isEncoded: false)
    }

    /// Creates a track for VP8 pictures that are encoded already. They are published as they are, without simulcast.
    ///
    /// - Parameters:
    ///   - name: For people.
    ///   - source: What the pictures show.
    ///   - dimensions: The size of the pictures.
    ///   - onKeyframeRequest: Called when a receiver cannot go on without a key frame.
    /// - Returns: The track, not published yet.
    public static func createEncodedTrack(
        name: String = "camera", source: Source = .camera, dimensions: Dimensions,
        onKeyframeRequest: (@Sendable () -> Void)? = nil
    ) -> LocalVideoTrack {
        LocalVideoTrack(
            name: name, source: source, dimensions: dimensions, isEncoded: true, onKeyframeRequest: onKeyframeRequest)
    }

    /// Publishes a picture: its timestamp tells when it is to be shown. Never blocks; an encoder that cannot keep up
    /// leaves out the oldest pictures that wait. Ignored while the track is muted, or not published.
    public func capture(_ frame: I420Frame) {
        guard case .frames(let queue) = openFeed else { return }
        queue.yield(frame)
    }

    /// Publishes a picture of a track that was made by `createEncodedTrack`.
    public func capture(encoded frame: EncodedVideoFrame) {
        guard case .encoded(let send) = openFeed else { return }
        send(frame)
    }

    private var openFeed: Feed? {
        state.withLock { $0.isMuted ? nil : $0.feed }
    }

    /// Whether the pictures are held back.
    public var isMuted: Bool { state.withLock { $0.isMuted } }

    func set(muted: Bool) {
        state.withLock { $0.isMuted = muted }
    }

    /// Begins or ends the publication. Returns `false` for a track that is published already.
    func set(feed: Feed?, counters: (@Sendable () async -> TrackStatistics)?) -> Bool {
        state.withLock { state in
            guard feed == nil || state.feed == nil else { return false }
            if case .frames(let queue) = state.feed { queue.finish() }
            state.feed = feed
            state.counters = counters
            return true
        }
    }

    /// What was counted of the track's layers.
    public override func statistics() async -> TrackStatistics {
        guard let counters = state.withLock({ $0.counters }) else { return TrackStatistics() }
        return await counters()
    }
}

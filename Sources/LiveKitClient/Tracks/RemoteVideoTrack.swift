public import LiveKitMedia

/// A video track of another participant's that we are subscribed to.
public final class RemoteVideoTrack: Track, RemoteTrack, @unchecked Sendable {  // As its superclass.
    let output: VideoOutput
    private let counters: @Sendable () async -> InboundStreamStatistics?

    init(
        name: String, source: Source, output: VideoOutput,
        counters: @escaping @Sendable () async -> InboundStreamStatistics?
    ) {
        self.output = output
        self.counters = counters
        super.init(kind: .video, source: source, name: name)
    }

    /// Gives the decoded pictures to `renderer` from the next key frame on, which is asked for. The renderer is kept
    /// until it is removed or the subscription ends.
    public func add(videoRenderer renderer: any VideoRenderer) {
        output.add(renderer)
    }

    /// Stops giving pictures to `renderer`. Without renderers nothing is decoded.
    public func remove(videoRenderer renderer: any VideoRenderer) {
        output.remove(renderer)
    }

    /// Gives the pictures to `receiver` as they were sent.
    public func add(encodedReceiver receiver: any EncodedVideoReceiver) {
        output.add(receiver)
    }

    /// Stops giving pictures to `receiver`.
    public func remove(encodedReceiver receiver: any EncodedVideoReceiver) {
        output.remove(receiver)
    }

    /// The decoded pictures from now on. A reader that cannot keep up misses the oldest of the four that wait.
    public var frames: AsyncStream<I420Frame> {
        let (frames, queue) = AsyncStream.makeStream(
            of: I420Frame.self, bufferingPolicy: .bufferingNewest(ClientMediaLimits.framesToRead))
        let renderer = StreamingRenderer(queue)
        queue.onTermination = { [weak output, weak renderer] _ in
            if let renderer { output?.remove(renderer) }
        }
        output.add(renderer)
        return frames
    }

    /// What was counted of the track's stream.
    public override func statistics() async -> TrackStatistics {
        var value = TrackStatistics()
        value.inboundStream = await counters()
        if var stream = value.inboundStream {
            output.count(into: &stream)
            value.inboundStream = stream
        }
        return value
    }
}

private final class StreamingRenderer: VideoRenderer {
    private let queue: AsyncStream<I420Frame>.Continuation

    init(_ queue: AsyncStream<I420Frame>.Continuation) {
        self.queue = queue
    }

    // The subscription's end drops the renderer, and the reader's loop ends with it.
    deinit { queue.finish() }

    func render(frame: I420Frame) { queue.yield(frame) }
}

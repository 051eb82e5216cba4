public import LiveKitMedia

/// An audio track of another participant's that we are subscribed to.
public final class RemoteAudioTrack: Track, RemoteTrack, @unchecked Sendable {  // As its superclass.
    let output: AudioOutput
    private let counters: @Sendable () async -> InboundStreamStatistics?

    init(
        name: String, source: Source, output: AudioOutput,
        counters: @escaping @Sendable () async -> InboundStreamStatistics?
    ) {
        self.output = output
        self.counters = counters
        super.init(kind: .audio, source: source, name: name)
    }

    /// Gives the decoded sound to `renderer`, which is kept until it is removed or the subscription ends.
    public func add(audioRenderer renderer: any AudioRenderer) {
        output.add(renderer)
    }

    /// Stops giving sound to `renderer`. Without renderers nothing is decoded.
    public func remove(audioRenderer renderer: any AudioRenderer) {
        output.remove(renderer)
    }

    /// Gives the packets to `receiver` as they were sent.
    public func add(encodedReceiver receiver: any EncodedAudioReceiver) {
        output.add(receiver)
    }

    /// Stops giving packets to `receiver`.
    public func remove(encodedReceiver receiver: any EncodedAudioReceiver) {
        output.remove(receiver)
    }

    /// The decoded sound from now on. A reader that cannot keep up misses the oldest of the fifty buffers that wait.
    public var buffers: AsyncStream<PCMBuffer> {
        let (buffers, queue) = AsyncStream.makeStream(
            of: PCMBuffer.self, bufferingPolicy: .bufferingNewest(ClientMediaLimits.buffersToRead))
        let renderer = StreamingRenderer(queue)
        queue.onTermination = { [weak output, weak renderer] _ in
            if let renderer { output?.remove(renderer) }
        }
        output.add(renderer)
        return buffers
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

private final class StreamingRenderer: AudioRenderer {
    private let queue: AsyncStream<PCMBuffer>.Continuation

    init(_ queue: AsyncStream<PCMBuffer>.Continuation) {
        self.queue = queue
    }

    // The subscription's end drops the renderer, and the reader's loop ends with it.
    deinit { queue.finish() }

    func render(pcmBuffer: PCMBuffer) { queue.yield(pcmBuffer) }
}

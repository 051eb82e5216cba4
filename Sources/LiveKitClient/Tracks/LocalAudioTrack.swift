public import LiveKitMedia
internal import Synchronization

/// An audio track whose sound the program makes.
///
/// ```swift
/// let track = try LocalAudioTrack.createTrack()
/// try await room.localParticipant.publish(audioTrack: track)
/// track.capture(tone.next())
/// ```
public final class LocalAudioTrack: Track, LocalTrack, @unchecked Sendable {  // As its superclass.
    /// Where captured sound goes while the track is published.
    enum Feed: Sendable {
        case buffers(AsyncStream<PCMBuffer>.Continuation)
        case packets(@Sendable (_ packet: [UInt8], _ position: Int64) -> Void)
    }

    private struct State {
        var feed: Feed?
        var isMuted = false
        var position: Int64 = 0
        var counters: (@Sendable () async -> TrackStatistics)?
    }

    /// 1 for mono, 2 for stereo.
    public let channels: Int
    /// Whether the sound comes encoded.
    let isEncoded: Bool
    private let state = Mutex(State())

    private init(name: String, source: Source, channels: Int, isEncoded: Bool) {
        self.channels = channels
        self.isEncoded = isEncoded
        super.init(kind: .audio, source: source, name: name)
    }

    /// Creates a track for 48 kHz sound that is encoded here, in Opus.
    ///
    /// - Parameters:
    ///   - name: For people.
    ///   - source: Where the sound comes from.
    ///   - channels: 1 for mono, 2 for stereo.
    /// - Returns: The track, not published yet.
    /// - Throws: ``LiveKitError`` of type ``LiveKitErrorType/invalidParameter`` for another number of channels.
    public static func createTrack(
        name: String = "microphone", source: Source = .microphone, channels: Int = 1
    ) throws(LiveKitError) -> LocalAudioTrack {
        try check(channels)
        return LocalAudioTrack(name: name, source: source, channels: channels, isEncoded: false)
    }

    /// Creates a track for Opus packets that are encoded already.
    ///
    /// - Parameters:
    ///   - name: For people.
    ///   - source: Where the sound comes from.
    ///   - channels: 1 for mono, 2 for stereo.
    /// - Returns: The track, not published yet.
    /// - Throws: ``LiveKitError`` of type ``LiveKitErrorType/invalidParameter`` for another number of channels.
    public static func createEncodedTrack(
        name: String = "microphone", source: Source = .microphone, channels: Int = 1
    ) throws(LiveKitError) -> LocalAudioTrack {
        try check(channels)
        return LocalAudioTrack(name: name, source: source, channels: channels, isEncoded: true)
    }

    private static func check(_ channels: Int) throws(LiveKitError) {
        guard (1...2).contains(channels) else {
            throw LiveKitError(.invalidParameter, message: "A track has one or two channels, not \(channels).")
        }
    }

    /// Publishes sound of any length, to be called at the pace at which it plays. Never blocks; an encoder that cannot
    /// keep up leaves out the oldest sound that waits. Ignored while the track is not published, and when the sound
    /// has another rate than 48 kHz or another number of channels than the track.
    public func capture(_ buffer: PCMBuffer) {
        guard buffer.sampleRate == OpusEncoder.sampleRate, buffer.channels == channels,
            case .buffers(let queue) = state.withLock({ $0.feed })
        else { return }
        queue.yield(buffer)
    }

    /// Publishes a packet of a track that was made by `createEncodedTrack`.
    ///
    /// - Parameters:
    ///   - packet: The Opus packet.
    ///   - frameCount: The 48 kHz sample frames that it decodes to.
    public func capture(encoded packet: [UInt8], frameCount: Int) {
        let (feed, position) = state.withLock { state in
            defer { state.position &+= Int64(frameCount) }
            return (state.isMuted ? nil : state.feed, state.position)
        }
        guard case .packets(let send) = feed else { return }
        send(packet, position)
    }

    /// Whether the sound is held back.
    public var isMuted: Bool { state.withLock { $0.isMuted } }

    func set(muted: Bool) {
        state.withLock { $0.isMuted = muted }
    }

    /// Begins or ends the publication. Returns `false` for a track that is published already.
    func set(feed: Feed?, counters: (@Sendable () async -> TrackStatistics)?) -> Bool {
        state.withLock { state in
            guard feed == nil || state.feed == nil else { return false }
            if case .buffers(let queue) = state.feed { queue.finish() }
            state.feed = feed
            state.counters = counters
            return true
        }
    }

    /// What was counted of the track's stream.
    public override func statistics() async -> TrackStatistics {
        guard let counters = state.withLock({ $0.counters }) else { return TrackStatistics() }
        return await counters()
    }
}

/// A run of uncompressed sound: 16-bit samples, channels interleaved.
public struct PCMBuffer: Hashable, Sendable {
    /// The samples, `left, right, left, right, …` for two channels.
    public var samples: [Int16]
    /// Samples of each channel in a second.
    public let sampleRate: Int
    /// 1 for mono, 2 for stereo.
    public let channels: Int

    /// Creates a buffer.
    ///
    /// - Precondition: `channels` and `sampleRate` are positive, and `samples` holds whole sample frames.
    public init(samples: [Int16], sampleRate: Int = 48_000, channels: Int) {
        precondition(channels > 0 && sampleRate > 0, "a buffer has channels and a rate")
        precondition(samples.count % channels == 0, "a buffer holds whole sample frames")
        self.samples = samples
        self.sampleRate = sampleRate
        self.channels = channels
    }

    /// Creates `frameCount` sample frames of silence.
    public init(silence frameCount: Int, sampleRate: Int = 48_000, channels: Int) {
        self.init(
            samples: [Int16](repeating: 0, count: frameCount * channels), sampleRate: sampleRate, channels: channels)
    }

    /// The number of sample frames: samples of each channel.
    public var frameCount: Int { samples.count / channels }
    /// How long the buffer plays, in nanoseconds.
    public var durationNanoseconds: Int64 { Int64(frameCount) * 1_000_000_000 / Int64(sampleRate) }
}

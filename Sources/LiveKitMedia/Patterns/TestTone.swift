/// A sine wave without end, handed out in buffers of any length that join without a click.
public struct TestTone: Sendable {
    /// The pitch in hertz. May change between buffers; the wave goes on from where it was.
    public var frequency: Double
    /// The peak level in decibels below full scale: 0 is the loudest, -20 is comfortable.
    public var level: Double
    /// Samples of each channel in a second.
    public let sampleRate: Int
    /// How many channels carry the tone.
    public let channels: Int
    /// Where in its turn the wave is, 0..<1.
    private var phase = 0.0

    /// Creates a tone.
    ///
    /// - Precondition: `sampleRate` and `channels` are positive.
    public init(frequency: Double, level: Double = -20, sampleRate: Int = 48_000, channels: Int = 1) {
        precondition(sampleRate > 0 && channels > 0, "a tone has a rate and channels")
        self.frequency = frequency
        self.level = level
        self.sampleRate = sampleRate
        self.channels = channels
    }

    /// The next `frameCount` sample frames; 960 make the 20 ms of an Opus packet.
    public mutating func next(frameCount: Int = 960) -> PCMBuffer {
        let amplitude = min(Trigonometry.amplitude(decibels: level), 1) * Double(Int16.max)
        let step = frequency / Double(sampleRate)
        var samples: [Int16] = []
        samples.reserveCapacity(frameCount * channels)
        for _ in 0..<frameCount {
            let value = Int16((amplitude * Trigonometry.sine(2 * .pi * phase)).rounded())
            for _ in 0..<channels { samples.append(value) }
            phase += step
            if phase >= 1 { phase -= phase.rounded(.down) }
        }
        return PCMBuffer(samples: samples, sampleRate: sampleRate, channels: channels)
    }
}

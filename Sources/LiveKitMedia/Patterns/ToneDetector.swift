/// Listens for the loudest pitch in a run of sound.
///
/// Keeps the newest samples, and on demand looks for the strongest line in their spectrum. With the usual
/// window at 48 kHz a steady tone above 100 Hz is found within half a percent.
public struct ToneDetector: Sendable {
    /// What was heard.
    public struct Tone: Hashable, Sendable {
        /// The strongest pitch in hertz.
        public let frequency: Double
        /// The level of the whole sound, as the peak of a sine of the same power, in decibels below full scale.
        public let level: Double
        /// The share of the sound's power that is in this pitch, 0...1: near 1 for a clean tone.
        public let purity: Double
    }

    /// Bins on either side of the peak that a Hann window spreads a pure tone over.
    private static let lobe = 3

    /// How many samples a judgement rests on: a power of two.
    public let windowSize: Int
    private var sampleRate = 0
    /// The newest samples of all channels' mean, at most ``windowSize``, oldest first.
    private var recent: [Double] = []

    /// Creates a detector that judges by `windowSize` samples (171 ms at 48 kHz unless said otherwise).
    ///
    /// - Precondition: `windowSize` is a power of two in `256...65536`.
    public init(windowSize: Int = 8192) {
        precondition(
            (256...65_536).contains(windowSize) && windowSize & (windowSize - 1) == 0,
            "the window is a power of two in 256...65536")
        self.windowSize = windowSize
    }

    /// Forgets what was heard.
    public mutating func reset() {
        recent.removeAll(keepingCapacity: true)
    }

    /// Adds sound. Sound of another rate begins anew.
    public mutating func receive(_ buffer: PCMBuffer) {
        if buffer.sampleRate != sampleRate {
            reset()
            sampleRate = buffer.sampleRate
        }
        let scale = 1 / (Double(buffer.channels) * 32_768)
        var index = 0
        while index < buffer.samples.count {
            var sum = 0
            for channel in 0..<buffer.channels { sum += Int(buffer.samples[index + channel]) }
            recent.append(Double(sum) * scale)
            index += buffer.channels
        }
        if recent.count > windowSize { recent.removeFirst(recent.count - windowSize) }
    }

    /// The loudest pitch of the newest ``windowSize`` samples; `nil` before there are so many, and in silence.
    public func tone() -> Tone? {
        guard recent.count == windowSize else { return nil }
        let meanSquare = recent.reduce(0) { $0 + $1 * $1 } / Double(windowSize)
        // Below one step of a 16-bit sample there is nothing to hear.
        guard meanSquare > 1e-9 else { return nil }

        let power = Self.powerSpectrum(recent)
        let audible = 2..<(power.count - Self.lobe - 1)
        guard let peak = audible.max(by: { power[$0] < power[$1] }), power[peak] > 0 else { return nil }
        // A parabola through the logarithms of three bins finds the line between them.
        let left = Trigonometry.naturalLogarithm(max(power[peak - 1], 1e-30))
        let centre = Trigonometry.naturalLogarithm(power[peak])
        let right = Trigonometry.naturalLogarithm(max(power[peak + 1], 1e-30))
        let curvature = left - 2 * centre + right
        let shift = curvature < 0 ? (left - right) / (2 * curvature) : 0

        let line = power[max(0, peak - Self.lobe)...peak + Self.lobe].reduce(0, +)
        return Tone(
            frequency: (Double(peak) + shift) * Double(sampleRate) / Double(windowSize),
            level: Trigonometry.decibels((2 * meanSquare).squareRoot()),
            purity: line / power.reduce(0, +))
    }

    /// The power in each bin of a Hann-windowed Fourier transform, from 0 Hz to half the sample rate.
    private static func powerSpectrum(_ samples: [Double]) -> [Double] {
        let size = samples.count
        var real = samples
        var imaginary = [Double](repeating: 0, count: size)
        for index in 0..<size {
            real[index] *= 0.5 - 0.5 * Trigonometry.cosine(2 * .pi * Double(index) / Double(size))
        }
        transform(&real, &imaginary)
        return (0..<size / 2).map { real[$0] * real[$0] + imaginary[$0] * imaginary[$0] }
    }

    /// The Fourier transform in place, by halves (Cooley and Tukey); the count is a power of two.
    private static func transform(_ real: inout [Double], _ imaginary: inout [Double]) {
        let size = real.count
        var mirrored = 0
        for index in 1..<size {
            var bit = size >> 1
            while mirrored & bit != 0 {
                mirrored ^= bit
                bit >>= 1
            }
            mirrored |= bit
            if index < mirrored {
                real.swapAt(index, mirrored)
                imaginary.swapAt(index, mirrored)
            }
        }
        var half = 1
        while half < size {
            for offset in 0..<half {
                let angle = -Double.pi * Double(offset) / Double(half)
                let cosine = Trigonometry.cosine(angle)
                let sine = Trigonometry.sine(angle)
                for low in stride(from: offset, to: size, by: 2 * half) {
                    let high = low + half
                    let turnedReal = real[high] * cosine - imaginary[high] * sine
                    let turnedImaginary = real[high] * sine + imaginary[high] * cosine
                    real[high] = real[low] - turnedReal
                    imaginary[high] = imaginary[low] - turnedImaginary
                    real[low] += turnedReal
                    imaginary[low] += turnedImaginary
                }
            }
            half *= 2
        }
    }
}

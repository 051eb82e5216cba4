import LiveKitCore
import LiveKitMedia
import Testing

@Suite("Test tone and its detector")
struct ToneTests {
    @Test("The pitch is found within half a percent", arguments: [100.0, 261.63, 440, 997, 1000, 4321, 12_000, 20_000])
    func pitchIsFound(frequency: Double) throws {
        var tone = TestTone(frequency: frequency, level: -20)
        var detector = ToneDetector()
        detector.receive(tone.next(frameCount: 8192))
        let heard = try #require(detector.tone())
        #expect(abs(heard.frequency - frequency) < frequency * 0.005)
        #expect(abs(heard.level + 20) < 0.5)
        #expect(heard.purity > 0.99)
    }

    @Test("Buffers join without a click")
    func buffersJoin() {
        var whole = TestTone(frequency: 441, level: -3)
        var parts = whole
        let expected = whole.next(frameCount: 1000).samples
        let joined = [1, 99, 400, 500].flatMap { parts.next(frameCount: $0).samples }
        #expect(joined == expected)
    }

    @Test("A tone stands out of noise")
    func standsOutOfNoise() throws {
        var random = DeterministicRandom(seed: 1)
        var buffer = TestTone(frequency: 700, level: -12).nextCopy(8192)
        for index in buffer.samples.indices { buffer.samples[index] += Int16.random(in: -3000...3000, using: &random) }
        var detector = ToneDetector()
        detector.receive(buffer)
        let heard = try #require(detector.tone())
        #expect(abs(heard.frequency - 700) < 3.5)
        #expect(heard.purity < 0.99)
    }

    @Test("Silence, and too little sound, have no pitch")
    func silenceHasNoPitch() {
        var detector = ToneDetector(windowSize: 1024)
        detector.receive(TestTone(frequency: 500).nextCopy(1023))
        #expect(detector.tone() == nil)
        detector.receive(PCMBuffer(silence: 1024, channels: 1))
        #expect(detector.tone() == nil)
        detector.receive(TestTone(frequency: 500, sampleRate: 16_000).nextCopy(1000))
        #expect(detector.tone() == nil)
    }
}

extension TestTone {
    /// The next samples of a copy, for tones that are asked once.
    fileprivate func nextCopy(_ frameCount: Int) -> PCMBuffer {
        var copy = self
        return copy.next(frameCount: frameCount)
    }
}

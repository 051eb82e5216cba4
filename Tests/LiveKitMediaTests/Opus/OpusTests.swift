import LiveKitCore
import LiveKitMedia
import Testing

@Suite("Opus, RFC 6716")
struct OpusTests {
    @Test("A tone keeps its pitch and level", arguments: [(1, 440.0), (2, 440.0), (1, 1000.0), (2, 3000.0)])
    func toneSurvives(channels: Int, frequency: Double) throws {
        var encoder = try OpusEncoder(configuration: .init(channels: channels, bitrate: 48_000))
        var decoder = try OpusDecoder(channels: channels)
        var tone = TestTone(frequency: frequency, level: -12, channels: channels)
        var detector = ToneDetector()
        for _ in 0..<20 {
            let packet = try encoder.encode(tone.next())
            #expect(OpusPacketHeader(packet)?.frameCount == 960)
            let decoded = try decoder.decode(packet)
            #expect(decoded.frameCount == 960 && decoded.channels == channels)
            detector.receive(decoded)
        }
        let heard = try #require(detector.tone())
        #expect(abs(heard.frequency - frequency) < frequency * 0.01)
        #expect(abs(heard.level + 12) < 1.5)
        #expect(heard.purity > 0.9)
    }

    @Test("A lost packet is concealed with sound of the same length")
    func lossIsConcealed() throws {
        var encoder = try OpusEncoder(configuration: .init(bitrate: 48_000))
        var decoder = try OpusDecoder()
        var tone = TestTone(frequency: 300, level: -6)
        for _ in 0..<10 { _ = try decoder.decode(try encoder.encode(tone.next())) }
        let concealed = try decoder.decode(nil)
        #expect(concealed.frameCount == 960)
        #expect((concealed.samples.map { abs(Int($0)) }.max() ?? 0) > 3000)
    }

    @Test("The packet after a loss brings the lost one back")
    func redundancyRecovers() throws {
        var configuration = OpusEncoder.Configuration(bitrate: 24_000)
        configuration.expectedPacketLossPercent = 40
        var encoder = try OpusEncoder(configuration: configuration)
        var tone = TestTone(frequency: 440, level: -6)
        // Low before the loss, high in it and after: only redundancy can know the lost packet's pitch.
        var packets: [[UInt8]] = []
        for index in 0..<30 {
            tone.frequency = index < 21 ? 300 : 900
            packets.append(try encoder.encode(tone.next()))
        }
        func crossings(
            _ decode: (inout OpusDecoder) throws(MediaError) -> PCMBuffer
        ) throws -> Int {
            var decoder = try OpusDecoder()
            for packet in packets[..<21] { _ = try decoder.decode(packet) }
            let sound = try decode(&decoder)
            #expect(sound.frameCount == 960)
            return zip(sound.samples, sound.samples.dropFirst()).count { ($0 < 0) != ($1 < 0) }
        }
        let original = try crossings { decoder throws(MediaError) in try decoder.decode(packets[21]) }
        let recovered = try crossings { decoder throws(MediaError) in try decoder.decodeLost(before: packets[22]) }
        let concealed = try crossings { decoder throws(MediaError) in try decoder.decode(nil) }
        // 300 Hz crosses zero 12 times in 20 ms, 900 Hz 36 times.
        #expect(abs(recovered - original) <= 6, "\(recovered) of \(original)")
        #expect(concealed < original - 6, "\(concealed) of \(original)")
    }

    @Test("Silence costs next to nothing with DTX")
    func silenceIsCheap() throws {
        var configuration = OpusEncoder.Configuration(bitrate: 32_000)
        configuration.usesDTX = true
        var encoder = try OpusEncoder(configuration: configuration)
        var sizes: [Int] = []
        for _ in 0..<60 { sizes.append(try encoder.encode(PCMBuffer(silence: 960, channels: 1)).count) }
        #expect(sizes.suffix(30).count { $0 <= 2 } > 20)
    }

    @Test("A lower bitrate makes smaller packets at once")
    func bitrateChangesLive() throws {
        var encoder = try OpusEncoder(configuration: .init(channels: 2, bitrate: 128_000))
        var random = DeterministicRandom(seed: 3)
        func bytes() throws -> Int {
            var sum = 0
            for _ in 0..<10 {
                let samples = (0..<1920).map { _ in Int16(truncatingIfNeeded: random.next()) / 4 }
                sum += try encoder.encode(PCMBuffer(samples: samples, channels: 2)).count
            }
            return sum
        }
        let before = try bytes()
        try encoder.setBitrate(16_000)
        #expect(try bytes() < before / 2)
    }

    @Test("Wrong formats are refused")
    func wrongFormatsAreRefused() throws {
        #expect(throws: MediaError.self) { _ = try OpusEncoder(configuration: .init(channels: 3)) }
        #expect(throws: MediaError.self) { _ = try OpusDecoder(channels: 0) }
        var encoder = try OpusEncoder()
        for buffer in [
            PCMBuffer(silence: 960, channels: 2), PCMBuffer(silence: 961, channels: 1),
            PCMBuffer(silence: 960, sampleRate: 44_100, channels: 1), PCMBuffer(silence: 0, channels: 1),
        ] {
            do throws(MediaError) {
                _ = try encoder.encode(buffer)
                Issue.record("A wrong format was taken")
            } catch { #expect(error.code == .unsupportedFormat) }
        }
    }

    @Test("Random and cut packets give sound or an error, never a trap")
    func randomPacketsNeverTrap() throws {
        var random = DeterministicRandom(seed: 11)
        var decoder = try OpusDecoder(channels: 2)
        var refused = 0
        for index in 0..<400 {
            let packet = randomBytes(index % 80, using: &random)
            do throws(MediaError) {
                _ = try index % 5 == 0 ? decoder.decodeLost(before: packet) : decoder.decode(packet)
            } catch {
                #expect(error.code == .corruptData)
                refused += 1
            }
        }
        #expect(refused > 0)
    }

    @Test("The first byte tells the duration", arguments: zip([0x78, 0xFC, 0x7B, 0x18], [960, 960, 2880, 2880]))
    func headerTellsDuration(first: Int, frames: Int) {
        #expect(OpusPacketHeader([UInt8(first), 3])?.frameCount == frames)
        #expect(OpusPacketHeader([]) == nil)
        #expect(OpusPacketHeader([0x7B]) == nil)
        // 63 frames of 20 ms are over the 120 ms that a packet may hold.
        #expect(OpusPacketHeader([0x7B, 63]) == nil)
    }
}

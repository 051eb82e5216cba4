import LiveKitCore
import LiveKitMedia
import Testing

@Suite("VP8, RFC 6386")
struct VP8Tests {
    private func picture(_ counter: UInt32, _ source: TestPicture) -> I420Frame {
        var frame = I420Frame(
            width: source.width, height: source.height, timestampNanoseconds: Int64(counter) * 33_333_333)
        source.render(counter: counter, timestampMilliseconds: UInt64(counter) * 33, into: &frame)
        return frame
    }

    @Test("Pictures come back alike", arguments: [(320, 180), (176, 144), (161, 91), (16, 16), (3, 5)])
    func roundTrip(width: Int, height: Int) throws {
        let source = TestPicture(width: width, height: height)
        var encoder = try VP8Encoder(configuration: .init(width: width, height: height, bitrate: 1_000_000))
        var decoder = try VP8Decoder()
        for counter in 0..<10 as Range<UInt32> {
            let original = picture(counter, source)
            let encoded = try #require(try encoder.encode(original))
            #expect(encoded.isKeyframe == (counter == 0))
            #expect(encoded.timestampNanoseconds == original.timestampNanoseconds)
            let decoded = try #require(
                try decoder.decode(encoded.bytes, timestampNanoseconds: encoded.timestampNanoseconds))
            #expect(decoded.width == width && decoded.height == height)
            #expect(decoded.timestampNanoseconds == original.timestampNanoseconds)
            // A few pixels of many colours are more than half a block can carry.
            #expect(peakSignalToNoise(original, decoded) >= (width < 16 ? 18 : 25))
        }
    }

    @Test("A keyframe comes when it is asked for, and only then")
    func keyframeOnRequest() throws {
        let source = TestPicture(width: 160, height: 90)
        var encoder = try VP8Encoder(configuration: .init(width: 160, height: 90, bitrate: 200_000))
        var keyframes: [UInt32] = []
        for counter in 0..<30 as Range<UInt32> {
            if counter == 20 { encoder.requestKeyframe() }
            if try encoder.encode(picture(counter, source))?.isKeyframe == true { keyframes.append(counter) }
        }
        #expect(keyframes == [0, 20])
    }

    @Test("The bitrate is held, and follows a change")
    func bitrateChangesLive() throws {
        let (width, height) = (320, 180)
        var encoder = try VP8Encoder(configuration: .init(width: width, height: height, bitrate: 600_000))
        func bitrate(from start: Int) throws -> Int {
            var bits = 0
            for index in start..<start + 45 {
                // Blobs that cannot be foreseen: only the quantiser can hold the rate.
                var frame = noise(width: 6, height: 4, seed: UInt64(index)).scaled(toWidth: width, height: height)
                frame.timestampNanoseconds = Int64(index) * 33_333_333
                bits += (try encoder.encode(frame)?.bytes.count ?? 0) * 8
            }
            return bits * 30 / 45
        }
        let before = try bitrate(from: 0)
        try encoder.setBitrate(150_000)
        let after = try bitrate(from: 45)
        #expect((300_000...1_200_000).contains(before), "\(before)")
        #expect(after < before * 2 / 3, "\(before) to \(after)")
    }

    @Test("A source whose clock jumps or stands still is encoded all the same")
    func clockJumps() throws {
        var encoder = try VP8Encoder(configuration: .init(width: 32, height: 32, bitrate: 100_000))
        for timestamp in [0, 0, Int64.max, Int64.min, -5, 10, 1_000_000_000_000, 1_000_000_000_001] {
            let frame = I420Frame(width: 32, height: 32, timestampNanoseconds: timestamp)
            #expect(try encoder.encode(frame)?.timestampNanoseconds == timestamp)
        }
    }

    @Test("Another size, and settings out of range, are refused")
    func wrongFormatsAreRefused() throws {
        var encoder = try VP8Encoder(configuration: .init(width: 32, height: 32, bitrate: 100_000))
        do throws(MediaError) {
            _ = try encoder.encode(I420Frame(width: 32, height: 30))
            Issue.record("A wrong size was taken")
        } catch { #expect(error.code == .unsupportedFormat) }
        #expect(throws: MediaError.self) {
            _ = try VP8Encoder(configuration: .init(width: 0, height: 32, bitrate: 100_000))
        }
        #expect(throws: MediaError.self) { _ = try VP8Encoder(configuration: .init(width: 9, height: 9, bitrate: 1)) }
    }

    @Test("A delta frame without its keyframe is refused as corrupt")
    func deltaNeedsKeyframe() throws {
        let source = TestPicture(width: 160, height: 90)
        var encoder = try VP8Encoder(configuration: .init(width: 160, height: 90, bitrate: 200_000))
        let key = try #require(try encoder.encode(picture(0, source)))
        let delta = try #require(try encoder.encode(picture(1, source)))
        var decoder = try VP8Decoder()
        do throws(MediaError) {
            _ = try decoder.decode(delta.bytes)
            Issue.record("A delta frame decoded from nothing")
        } catch { #expect(error.code == .corruptData) }
        #expect(try decoder.decode(key.bytes) != nil)
        #expect(try decoder.decode(delta.bytes) != nil)
    }

    @Test("Cut, flipped and random bytes give a picture or an error, and the next keyframe heals")
    func corruptInputNeverTraps() throws {
        let source = TestPicture(width: 64, height: 48)
        var encoder = try VP8Encoder(configuration: .init(width: 64, height: 48, bitrate: 200_000))
        let key = try #require(try encoder.encode(picture(0, source))).bytes
        let delta = try #require(try encoder.encode(picture(1, source))).bytes
        var decoder = try VP8Decoder()
        var random = DeterministicRandom(seed: 5)
        var refused = 0
        func feed(_ bytes: [UInt8]) {
            do throws(MediaError) { _ = try decoder.decode(bytes) } catch { refused += 1 }
        }
        for count in stride(from: 0, to: key.count, by: 7) { feed(Array(key[..<count])) }
        for index in 0..<300 {
            var bytes = index % 2 == 0 ? key : delta
            for _ in 0..<3 {
                bytes[Int.random(in: 10..<bytes.count, using: &random)] = UInt8(truncatingIfNeeded: random.next())
            }
            feed(bytes)
            feed(randomBytes(index % 40, using: &random))
        }
        #expect(refused > 100)
        #expect(try decoder.decode(key) != nil)
        #expect(try decoder.decode(delta) != nil)
    }

    @Test("A keyframe that claims an enormous picture is refused")
    func enormousPictureIsRefused() throws {
        var decoder = try VP8Decoder()
        let bytes: [UInt8] = [0x10, 0, 0, 0x9D, 0x01, 0x2A, 0xFF, 0x3F, 0xFF, 0x3F] + [UInt8](repeating: 0, count: 50)
        do throws(MediaError) {
            _ = try decoder.decode(bytes)
            Issue.record("16383x16383 pixels were accepted")
        } catch { #expect(error.code == .corruptData) }
    }
}

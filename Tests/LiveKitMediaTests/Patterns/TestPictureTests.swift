import LiveKitCore
import LiveKitMedia
import Testing

@Suite("Test picture")
struct TestPictureTests {
    @Test("The stamp reads back at every size", arguments: [(640, 360), (1280, 720), (854, 480), (320, 180), (96, 54)])
    func stampReadsBack(width: Int, height: Int) {
        var random = DeterministicRandom(seed: 9)
        let picture = TestPicture(width: width, height: height)
        var frame = I420Frame(width: width, height: height)
        for _ in 0..<10 {
            let stamp = PictureStamp(
                counter: UInt32(truncatingIfNeeded: random.next()), timestampMilliseconds: random.next())
            picture.render(
                counter: stamp.counter, timestampMilliseconds: stamp.timestampMilliseconds, into: &frame)
            #expect(TestPicture.read(frame) == stamp)
        }
    }

    @Test("The stamp survives being scaled", arguments: [(320, 180), (160, 90), (426, 240), (1280, 720), (200, 150)])
    func stampSurvivesScaling(width: Int, height: Int) {
        let picture = TestPicture(width: 640, height: 360)
        var frame = I420Frame(width: 640, height: 360)
        picture.render(counter: 0xDEAD_BEEF, timestampMilliseconds: 0x1234_5678_9ABC, into: &frame)
        let stamp = TestPicture.read(frame.scaled(toWidth: width, height: height))
        #expect(stamp == PictureStamp(counter: 0xDEAD_BEEF, timestampMilliseconds: 0x1234_5678_9ABC))
    }

    @Test("What is no test picture does not read as one")
    func otherPicturesAreRefused() {
        #expect(TestPicture.read(I420Frame(width: 640, height: 360)) == nil)
        #expect(TestPicture.read(I420Frame(width: 8, height: 8)) == nil)
        #expect(TestPicture.read(I420Frame(width: 1, height: 1)) == nil)
        #expect((0..<20).allSatisfy { TestPicture.read(noise(width: 128, height: 72, seed: $0)) == nil })
    }

    @Test("Any size can be drawn", arguments: [(1, 1), (2, 300), (33, 17), (31, 1000), (640, 1)])
    func anySizeDraws(width: Int, height: Int) {
        var frame = I420Frame(width: width, height: height)
        TestPicture(width: width, height: height)
            .render(counter: .max, timestampMilliseconds: .max, into: &frame)
    }

    @Test("300 pictures at 500 kbit/s all read back after VP8")
    func survivesVP8() throws {
        #expect(try Self.readBack(count: 300, divisor: 1, bitrate: 500_000) == 300)
    }

    @Test("Simulcast layers of half and quarter size read back after VP8", arguments: [(2, 150_000), (4, 60_000)])
    func layersSurviveVP8(divisor: Int, bitrate: Int) throws {
        #expect(try Self.readBack(count: 120, divisor: divisor, bitrate: bitrate) == 120)
    }

    /// Draws at 640 by 360, scales, encodes, decodes and reads.
    ///
    /// - Returns: How many stamps were right.
    private static func readBack(count: UInt32, divisor: Int, bitrate: Int) throws -> Int {
        let picture = TestPicture(width: 640, height: 360)
        let (width, height) = (640 / divisor, 360 / divisor)
        var encoder = try VP8Encoder(configuration: .init(width: width, height: height, bitrate: bitrate))
        var decoder = try VP8Decoder()
        var frame = I420Frame(width: 640, height: 360)
        var correct = 0
        for counter in 0..<count {
            let milliseconds = 1_790_000_000_000 + UInt64(counter) * 1000 / 30
            frame.timestampNanoseconds = Int64(counter) * 33_333_333
            picture.render(counter: counter, timestampMilliseconds: milliseconds, into: &frame)
            let layer = frame.scaled(toWidth: width, height: height)
            guard let encoded = try encoder.encode(layer), let decoded = try decoder.decode(encoded.bytes)
            else { continue }
            let expected = PictureStamp(counter: counter, timestampMilliseconds: milliseconds)
            if TestPicture.read(decoded) == expected { correct += 1 }
        }
        return correct
    }
}

import LiveKitMedia
import LiveKitProtobuf
import LiveKitRTC
import Synchronization
import Testing

@testable import LiveKitClient

@Suite("Encoders follow what the connection may send")
struct VideoEncodingPipelineTests {
    private struct Picture: Sendable {
        var layer: Int
        var bytes: Int
        var isKeyframe: Bool
        var number: Int
    }

    private static let interval: Int64 = 33_333_333
    private static let plans = [
        VideoLayerPlan(
            rid: "q", quality: .low, dimensions: Dimensions(width: 160, height: 90),
            encoding: VideoEncoding(maxBitrate: 120_000, maxFps: 30)),
        VideoLayerPlan(
            rid: "h", quality: .medium, dimensions: Dimensions(width: 320, height: 180),
            encoding: VideoEncoding(maxBitrate: 500_000, maxFps: 30)),
    ]

    /// Encodes so many pictures; `before` is told of each one's number before it is taken.
    private func encode(
        _ count: Int, before: @escaping @Sendable (Int, EncoderControls) -> Void
    ) async throws -> (pictures: [Picture], skipped: UInt64) {
        let controls = EncoderControls(layerCount: Self.plans.count)
        let output = Mutex<[Picture]>([])
        let taken = Mutex(0)
        let source = TestPicture(width: 320, height: 180)
        let frames = AsyncStream<I420Frame> {
            let number = taken.withLock { number in
                defer { number += 1 }
                return number
            }
            guard number < count else { return nil }
            before(number, controls)
            var frame = I420Frame(width: 320, height: 180)
            source.render(counter: UInt32(number), timestampMilliseconds: UInt64(number) * 33, into: &frame)
            frame.timestampNanoseconds = Int64(number) * Self.interval
            return frame
        }
        let pipeline = VideoEncodingPipeline(frames: frames, layers: Self.plans, encoder: controls) { frame, layer in
            let picture = Picture(
                layer: layer, bytes: frame.bytes.count, isKeyframe: frame.isKeyframe,
                number: Int(frame.timestampNanoseconds / Self.interval))
            output.withLock { $0.append(picture) }
        }
        try await pipeline.run()
        return (output.withLock { $0 }, controls.rates.skippedCount)
    }

    @Test("A layer without a rate is not encoded, and begins with a key frame once it has one")
    func switchesLayers() async throws {
        let result = try await encode(60) { number, controls in
            let high = (20..<40).contains(number) ? Bitrate.zero : .kilobits(400)
            controls.rates.set([.kilobits(120), high], isBacklogged: false)
        }
        let high = result.pictures.filter { $0.layer == 1 }
        #expect(high.allSatisfy { !(20..<40).contains($0.number) })
        #expect(high.filter(\.isKeyframe).map(\.number) == [0, 40])
        let low = result.pictures.filter { $0.layer == 0 }
        #expect(low.contains { (20..<40).contains($0.number) })
        #expect(low.filter(\.isKeyframe).map(\.number) == [0])
    }

    @Test("Bits follow the rate")
    func followsTheRate() async throws {
        let result = try await encode(180) { number, controls in
            controls.rates.set([.kilobits(40), .kilobits(number < 90 ? 500 : 100)], isBacklogged: false)
        }
        func kilobits(_ range: Range<Int>) -> Double {
            let bytes = result.pictures.filter { $0.layer == 1 && range.contains($0.number) }.reduce(0) {
                $0 + $1.bytes
            }
            return Double(bytes) * 8 / (Double(range.count) / 30) / 1000
        }
        let before = kilobits(30..<90)
        let after = kilobits(120..<180)
        #expect(before > 150)
        #expect(after < 130)
        #expect(after < before * 0.6)
    }

    @Test("While too much waits to be sent pictures are left out, and counted")
    func leavesPicturesOut() async throws {
        let result = try await encode(30) { number, controls in
            controls.rates.set([.kilobits(120), .kilobits(400)], isBacklogged: (10..<15).contains(number))
        }
        #expect(result.skipped == 5)
        #expect(result.pictures.allSatisfy { !(10..<15).contains($0.number) })
        #expect(result.pictures.contains { $0.number >= 15 })
    }
}
